"""Whether everything can be asked from this runner, before the window: never what it comes to."""
