"""--max-memory: what the whole program may hold, and how many images may be alive at once."""
