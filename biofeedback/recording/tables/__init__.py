"""Recordings that are tables of text: CSV, and what other programs export."""
