"""Letters for drawings."""
