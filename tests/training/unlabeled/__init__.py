"""Learning from images without labels."""
