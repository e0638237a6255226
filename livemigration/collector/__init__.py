"""Facts without the suite on the spot: a PowerShell file, what it writes, and its redaction."""
