"""The anchor head: its order of answers is the grid's, and its towers share kernels."""

import math

import torch

from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.anchor_head import AnchorHead, Tower
from dlcli.ops.anchors import AnchorGrid


def coordinates(grid):
    """For each level [1, 2, H, W]: the pixel coordinates x and y of the cells' centers."""
    for stride in grid.strides:
        x = (torch.arange(-(-grid.width // stride)) + 0.5) * stride
        y = (torch.arange(-(-grid.height // stride)) + 0.5) * stride
        yield torch.stack(torch.meshgrid(x, y, indexing="xy"))[None]


def test_answers_come_in_the_order_of_the_grid():
    """A head without towers whose outputs say: my center's x, my center's y, my number within the cell."""
    grid = AnchorGrid(192, 64)
    head = AnchorHead(channels=2, depth=0, levels=4, anchors=grid.per_cell, classes=3)
    with torch.no_grad():
        weight = head.class_out.weight.view(grid.per_cell, 3, 2)
        weight.zero_()
        weight[:, 0, 0] = weight[:, 1, 1] = 1
        head.class_out.bias.view(grid.per_cell, 3).zero_()[:, 2] = torch.arange(float(grid.per_cell))
        head.box_out.weight.zero_()
        head.box_out.bias.copy_(torch.arange(float(grid.per_cell * 4)))
        logits, offsets = head(list(coordinates(grid)))
    anchors = torch.from_numpy(grid.cxcywh)
    number = torch.arange(len(anchors)) % grid.per_cell
    assert torch.equal(logits[0, :, :2], anchors[:, :2])
    assert torch.equal(logits[0, :, 2], number.float())
    assert torch.equal(offsets[0], number[:, None] * 4.0 + torch.arange(4.0))


def test_the_detector_answers_for_each_anchor_of_the_grid():
    grid = AnchorGrid(128, 64)
    net = AnchorDetector(3, grid.per_cell).eval()
    with torch.inference_mode():
        logits, offsets = net(torch.zeros(2, 3, 64, 128))
    assert logits.shape == (2, len(grid.cxcywh), 3)
    assert offsets.shape == (2, len(grid.cxcywh), 4)


def test_at_the_start_each_anchor_says_one_percent():
    head = AnchorHead(channels=8, depth=1, levels=1, anchors=2, classes=3)
    assert torch.allclose(head.class_out.bias, torch.tensor(math.log(0.01 / 0.99)))


def test_levels_share_kernels_but_not_norms():
    tower = Tower(channels=4, depth=2, levels=3)
    names = dict(tower.named_parameters())  # shared ones once
    assert [name for name in names if "conv" in name] == [f"levels.0.{i}.conv.weight" for i in range(4)]
    assert sum("norm" in name for name in names) == 3 * 4 * 2
    assert set(tower.state_dict()) > {"levels.2.3.conv.weight", "levels.2.3.norm.running_mean"}
