"""Trainers: data to batches, losses, the loop, checkpoints."""
