"""Give every pixel a class."""
