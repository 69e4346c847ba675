"""Torch networks, one file each, shapes in the docstrings."""
