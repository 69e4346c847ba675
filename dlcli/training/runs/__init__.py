"""A run beside its weights: what it was told, what it learned from, with which options it goes on."""
