"""The only part that talks to machines: what is asked of whom, when, with which deadline."""
