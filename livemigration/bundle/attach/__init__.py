"""A bundle, attached to the change record that it is evidence for."""
