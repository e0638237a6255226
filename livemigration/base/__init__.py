"""What every room uses, and what knows nothing of Windows: addresses, files, text, time."""
