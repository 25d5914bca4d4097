"""What a tension is held against: thresholds and zones."""
