"""Live-migration compliance checks for Hyper-V hosts managed by VMM."""

__version__ = "0.1.0"
