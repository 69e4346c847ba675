"""Training a masked autoencoder."""
