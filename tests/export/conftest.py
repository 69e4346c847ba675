"""The network, its graph and its run, made once: torch's exporter takes seconds."""

import pytest
import torch

from dlcli.export.fuse import fused
from dlcli.export.graph import to_graph
from tests.export.runs import SIDE, random_detector, shapes_card, write_run


@pytest.fixture(scope="session")
def card():
    return shapes_card()


@pytest.fixture(scope="session")
def net(card):
    torch.set_num_threads(1)
    return random_detector(card)


@pytest.fixture(scope="session")
def graph(net):
    return to_graph(fused(net), (SIDE, SIDE), ("logits", "offsets"))


@pytest.fixture
def run(tmp_path, card, net):
    return write_run(tmp_path / "run", card, net)
