"""The whole window with one key, a pedal or a button."""
