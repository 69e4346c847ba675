"""Splits of a set."""
