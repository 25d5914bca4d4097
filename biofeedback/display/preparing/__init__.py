"""The pages before a sitting: safety, the board, the electrodes, the contact test."""
