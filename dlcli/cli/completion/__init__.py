"""Completion scripts for shells, written out from the command tree: a Tab starts no Python."""
