"""One run as data: its plan, its results, its journal and its files."""
