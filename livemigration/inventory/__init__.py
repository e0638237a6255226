"""What a site writes down: its machines, the policy they are judged by, gates and changes."""
