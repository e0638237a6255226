"""The fixes of a run as one PowerShell script. The suite writes it and never runs it."""
