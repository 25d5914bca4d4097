"""An open monitor of muscle tension: surface EMG in microvolts, live, to see and to train."""

__version__ = "0.1.0"
