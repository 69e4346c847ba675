"""Training a generator of images."""
