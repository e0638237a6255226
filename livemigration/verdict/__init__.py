"""From facts to findings: what a check is, what it reads, what it finds, and the fix."""
