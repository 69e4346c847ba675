"""Training a generator of images: an adversarial network."""
