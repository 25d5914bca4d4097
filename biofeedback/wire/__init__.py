"""Bytes become counts: pure decoders, fed as bytes arrive."""
