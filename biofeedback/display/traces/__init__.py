"""Signals over time: the sweep, the spectrum, the table of numbers."""
