"""How each step moves the weights: optimizers, learning-rate schedules, when to stop."""
