"""Recordings that are looked at, annotated, and cleared of what does not count."""
