"""Dropout in place of the network's own."""

import pytest
from torch import nn

from dlcli.errors import UsageError
from dlcli.training.optimization.dropout import set_dropout


def test_every_layer_gets_it_and_none_leaves_them():
    net = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5), nn.Sequential(nn.Dropout2d(0.1)))
    set_dropout(net, None)
    assert [net[1].p, net[2][0].p] == [0.5, 0.1]
    set_dropout(net, 0.3)
    assert [net[1].p, net[2][0].p] == [0.3, 0.3]


def test_a_network_without_is_said():
    set_dropout(nn.Linear(1, 1), None)
    with pytest.raises(UsageError, match=r"--dropout 0\.3: this network has no dropout"):
        set_dropout(nn.Linear(1, 1), 0.3)
