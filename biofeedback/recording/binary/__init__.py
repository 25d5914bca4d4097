"""Recordings of other programs that are not text: HDF5, WAV, WFDB, XDF."""
