"""How weights are drawn that start from nothing."""

import math

import pytest
import torch
from torch import nn

from dlcli.errors import UsageError
from dlcli.training.optimization.names import InitName
from dlcli.training.optimization.weight_init import initialize


@pytest.fixture
def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(16, 64, 3), nn.BatchNorm2d(64), nn.Linear(200, 300))


def test_xavier_is_uniform_within_its_bounds(net):
    initialize(net, InitName.XAVIER, from_nothing=True)
    for weight, ins, outs in ((net[0].weight, 16 * 9, 64 * 9), (net[2].weight, 200, 300)):
        bound = math.sqrt(6 / (ins + outs))
        assert float(weight.detach().abs().max()) <= bound
        assert float(weight.detach().std()) == pytest.approx(bound / math.sqrt(3), rel=0.03)


def test_kaiming_is_normal_by_what_goes_out(net):
    initialize(net, InitName.KAIMING, from_nothing=True)
    assert float(net[0].weight.detach().std()) == pytest.approx(math.sqrt(2 / (64 * 9)), rel=0.03)
    assert float(net[2].weight.detach().std()) == pytest.approx(math.sqrt(2 / 300), rel=0.03)


def test_the_rest_stays(net):
    before = {name: value.clone() for name, value in net.state_dict().items()}
    initialize(net, InitName.DEFAULT, from_nothing=False)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    initialize(net, InitName.XAVIER, from_nothing=True)
    changed = {name for name, value in net.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"0.weight", "2.weight"}


def test_weights_that_come_from_elsewhere_are_not_drawn_over(net):
    with pytest.raises(UsageError, match="--init xavier: the weights come from --from; expected --from none"):
        initialize(net, InitName.XAVIER, from_nothing=False)
