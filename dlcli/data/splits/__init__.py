"""What splits of a set are called, and those that a training makes itself."""
