"""Sets that are of no kind that is read: other formats, and folders that only look like classes."""
