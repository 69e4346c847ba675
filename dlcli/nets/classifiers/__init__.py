"""Classifiers written out, one family a file; table.py has them by name."""
