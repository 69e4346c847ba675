"""Trainers: data to batches, losses, the loop, checkpoints."""

import os

os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")  # it looks for a newer release when it is imported
