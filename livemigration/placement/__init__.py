"""Whether machines fit elsewhere, and by which moves: whole numbers alone, nothing of Windows."""
