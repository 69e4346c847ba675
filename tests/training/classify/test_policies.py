"""RandAugment, TrivialAugment and erasing: torchvision's own, by the sample's random numbers alone."""

import numpy as np
import pytest
import torch
from torchvision import transforms

from dlcli.training.classify.options import Augment
from dlcli.training.classify.policies import Policy

FILL = (127, 120, 110)
THEIRS = {
    Augment.RANDAUGMENT: transforms.RandAugment(2, 9, fill=list(FILL)),
    Augment.TRIVIALAUGMENT: transforms.TrivialAugmentWide(fill=list(FILL)),
}


def image():
    return torch.randint(0, 256, (3, 40, 48), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)


@pytest.mark.parametrize("name", THEIRS)
def test_a_policy_is_torchvisions(name):
    before, seen = torch.get_rng_state(), set()
    for seed in range(6):
        ours = Policy(name, 0.0, FILL)(image(), np.random.default_rng(seed))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(np.random.default_rng(seed).integers(2**31)))
            assert torch.equal(ours, THEIRS[name](image()))
        assert (ours.shape, ours.dtype) == (image().shape, torch.uint8)
        seen.add(ours.numpy().tobytes())
    assert len(seen) > 3
    assert torch.equal(torch.get_rng_state(), before)


def test_what_is_erased_is_a_rectangle_of_the_fill():
    shares = []
    for seed in range(20):
        pixels = Policy(Augment.BASIC, 1.0, FILL)(image(), np.random.default_rng(seed))
        erased = (pixels == torch.tensor(FILL).view(3, 1, 1)).all(0)
        rows, columns = erased.any(1).nonzero().flatten(), erased.any(0).nonzero().flatten()
        assert erased[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert torch.equal(pixels[:, ~erased], image()[:, ~erased])
        shares.append(float(erased.float().mean()))
    assert 0.01 < min(shares) < max(shares) < 0.35


def test_erasing_happens_as_often_as_is_asked_for():
    changed = [
        not torch.equal(Policy(Augment.BASIC, 0.3, FILL)(image(), np.random.default_rng(seed)), image())
        for seed in range(100)
    ]
    assert 15 < sum(changed) < 45


def test_without_either_the_image_and_the_numbers_stay():
    rng = np.random.default_rng(0)
    assert torch.equal(Policy(Augment.BASIC, 0.0, FILL)(image(), rng), image())
    assert rng.integers(100) == np.random.default_rng(0).integers(100)
