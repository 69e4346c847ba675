"""The moving average against its formula."""

import torch
from torch import nn

from dlcli.nets.anchor_head import Tower
from dlcli.training.ema import Ema


def test_the_formula():
    net = nn.Linear(1, 1, bias=False)
    nn.init.constant_(net.weight, 1.0)
    ema, expected = Ema(net, decay=0.3), 1.0
    for step in range(1, 9):
        nn.init.constant_(net.weight, float(step))
        ema.update(net)
        decay = min(0.3, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
        torch.testing.assert_close(float(ema.net.weight), expected)


def test_a_shared_weight_moves_once():
    """Four levels share a kernel; it must follow at the same pace as what is not shared."""
    net = Tower(channels=1, depth=1, levels=4, kernel=1)
    for value in net.parameters():
        nn.init.zeros_(value)
    ema = Ema(net, decay=0.999)
    for value in net.parameters():
        nn.init.ones_(value)
    ema.update(net)
    assert {round(float(value), 6) for value in ema.net.parameters()} == {round(1 - 2 / 11, 6)}
    assert ema.net.levels[3][0].conv.weight is ema.net.levels[0][0].conv.weight


def test_statistics_are_averaged_and_counts_copied():
    norm = nn.BatchNorm1d(1)
    ema = Ema(norm)
    norm.running_mean.fill_(11.0)
    norm.num_batches_tracked.fill_(7)
    ema.update(norm)
    torch.testing.assert_close(float(ema.net.running_mean), 9.0)
    assert int(ema.net.num_batches_tracked) == 7


def test_the_average_learns_nothing_itself():
    ema = Ema(nn.Sequential(nn.Linear(2, 2), nn.Dropout()))
    assert not ema.net.training
    assert not any(p.requires_grad for p in ema.net.parameters())
