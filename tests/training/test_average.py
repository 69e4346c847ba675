"""The moving average against its formula."""

import torch
from torch import nn

from dlcli.nets.anchor_head import Tower
from dlcli.training.optim import average_of, averaged_steps


def test_the_formula():
    net = nn.Linear(1, 1, bias=False)
    nn.init.constant_(net.weight, 1.0)
    ema, expected = average_of(net, decay=0.3), 1.0
    for step in range(1, 9):
        nn.init.constant_(net.weight, float(step))
        ema.update_parameters(net)
        decay = min(0.3, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
        torch.testing.assert_close(float(ema.module.weight), expected)


def test_a_shared_weight_moves_once():
    """Four levels share a kernel; it must follow at the same pace as what is not shared."""
    net = Tower(channels=1, depth=1, levels=4, kernel=1)
    for value in net.parameters():
        nn.init.zeros_(value)
    ema = average_of(net, decay=0.999)
    for value in net.parameters():
        nn.init.ones_(value)
    ema.update_parameters(net)
    assert {round(float(value), 6) for value in ema.module.parameters()} == {round(1 - 2 / 11, 6)}
    assert ema.module.levels[3][0].conv.weight is ema.module.levels[0][0].conv.weight


def test_statistics_are_averaged_and_counts_copied():
    norm = nn.BatchNorm1d(1)
    ema = average_of(norm)
    norm.running_mean.fill_(11.0)
    norm.num_batches_tracked.fill_(7)
    ema.update_parameters(norm)
    torch.testing.assert_close(float(ema.module.running_mean), 9.0)
    assert int(ema.module.num_batches_tracked) == 7


def test_the_average_learns_nothing_itself():
    ema = average_of(nn.Sequential(nn.Linear(2, 2), nn.Dropout()))
    assert not ema.module.training
    assert not any(p.requires_grad for p in ema.module.parameters())


def test_the_steps_are_counted_from_nothing():
    net = nn.Linear(1, 1)
    ema = average_of(net)
    assert averaged_steps(ema) == 0
    for _ in range(3):
        ema.update_parameters(net)
    assert averaged_steps(ema) == 3


def test_what_is_kept_of_it_is_the_network_alone():
    """So a checkpoint names its weights as the network does, and earlier ones can be gone on from."""
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    assert average_of(net).module.state_dict().keys() == net.state_dict().keys()
