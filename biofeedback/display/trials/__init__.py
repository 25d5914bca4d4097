"""Trials of what helps: their page, their screen, what came of them."""
