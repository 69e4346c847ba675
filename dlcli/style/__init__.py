"""Style transfer in torch: perceptual features, the losses on them, and the optimization of an image's pixels."""
