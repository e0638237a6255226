"""Failures that somebody signed for, until a date."""
