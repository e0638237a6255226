"""What the lab refuses."""


class LabError(Exception):
    """The lab cannot do what was asked; the text says what to do."""
