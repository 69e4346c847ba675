"""Learning from images without labels beside those that have them."""
