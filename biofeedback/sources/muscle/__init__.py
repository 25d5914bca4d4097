"""The simulated muscle: what its script says, the signals it is made of, and the truth of them."""
