"""Fixes, computed for one host: pure functions that return a `Fix`.

Each obeys the verdict table's section on safe order and on what is never printed.
"""
