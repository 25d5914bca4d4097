"""Arithmetic on samples: no I/O, no clock, no settings."""
