"""Training an encoder without labels: a masked autoencoder."""
