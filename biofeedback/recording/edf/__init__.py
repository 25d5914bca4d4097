"""EDF+ and BDF+: read, written, and whole however the writing ends."""
