"""What runs behind the screens, and what they show of it: no Qt."""
