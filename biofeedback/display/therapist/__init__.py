"""What who leads a sitting works with: clients, montages, the screen, the lead."""
