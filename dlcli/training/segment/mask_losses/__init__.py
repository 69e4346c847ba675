"""Losses of class masks from logits, one a file, and their weighted sums."""
