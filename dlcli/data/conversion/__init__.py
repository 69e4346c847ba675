"""From one annotation format to another: read, say what would be lost, write, read back, compare."""
