"""Boards as things: which one is on a port, and our firmware onto it."""
