"""Training a style model."""
