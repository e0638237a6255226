"""A site's own repository: its inventories and its own checks; the suite's come with the wheel."""
