"""Conditions that a pipeline sets on what is found: their grammar, and which pictures break them."""
