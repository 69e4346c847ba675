"""Only deterministic algorithms, for the time of a training."""

import pytest
import torch

from dlcli.errors import UsageError
from dlcli.training.optimization.determinism import only_deterministic


@pytest.mark.parametrize("wanted", [True, False])
def test_it_holds_within_and_no_longer(wanted):
    with only_deterministic(wanted):
        assert torch.are_deterministic_algorithms_enabled() is wanted
    assert not torch.are_deterministic_algorithms_enabled()


def test_what_has_no_such_algorithm_is_said():
    refused = "put_ does not have a deterministic implementation, but you set\nmore"
    message = r"--deterministic: put_ does .* implementation, .* set; leave it out"
    with pytest.raises(UsageError, match=message), only_deterministic(True):
        raise RuntimeError(refused)
    assert not torch.are_deterministic_algorithms_enabled()
    with pytest.raises(RuntimeError, match="other"), only_deterministic(True):
        raise RuntimeError("other")
