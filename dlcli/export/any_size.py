"""What a graph for images of any size is traced with and held to, for style.py and any_style.py."""

from typing import Any

import torch

STEP = 4  # pixels; a painter halves twice
TRIED = (64, 96)  # height and width that a graph is traced with; it takes any
TOLERANCE = 2.0  # of 255, with weights rounded to float16; 0.5 is usual


def any_size(height: str, width: str, step: int) -> dict[int, Any]:
    """The sides of an image as the exporter knows them: multiples of `step`. Each name is used once in a graph."""
    return {axis: step * torch.export.Dim(name, min=4, max=4096) for axis, name in ((2, height), (3, width))}
