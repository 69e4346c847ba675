"""Style transfer in torch: perceptual features, the losses on them, and the optimisation of a picture's pixels."""
