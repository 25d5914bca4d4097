"""The pages of a training: its choice, its screen, its summary."""
