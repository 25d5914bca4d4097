"""What every page is built from: controls, colours, fonts, questions."""
