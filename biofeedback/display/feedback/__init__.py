"""What a person follows: the ring, the curve, the lake, the pacer."""
