"""A run beside its weights: its options, what it learned from, with which options it goes on."""
