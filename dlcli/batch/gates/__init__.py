"""Conditions that a pipeline sets on what is found: their grammar, and which images break them."""
