"""Everything of a run in one file for a change record, and how that file is verified."""
