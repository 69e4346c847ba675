"""Annotation formats, one file each, without torch."""
