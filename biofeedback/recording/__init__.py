"""Files of samples: what they hold, read and written."""
