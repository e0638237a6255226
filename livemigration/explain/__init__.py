"""Explains checks, and the codes and messages that administrators paste."""
