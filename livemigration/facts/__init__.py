"""Facts: typed, frozen, serialisable; what was gathered, never what it means."""
