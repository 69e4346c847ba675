"""Sums of losses by name, and the pixels they are taken at."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlcli.errors import UsageError
from dlcli.training.segment.mask_losses.dice import dice_loss
from dlcli.training.segment.mask_losses.focal import mask_focal_loss
from dlcli.training.segment.mask_losses.total import NAMES, MaskLoss, at_every, parse_loss


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("dice", {"dice": 1.0}),
        ("dice+ce", {"dice": 1.0, "ce": 1.0}),
        ("0.5*dice+ce", {"dice": 0.5, "ce": 1.0}),
        (" 2 * focal + 1e-1*ce ", {"focal": 2.0, "ce": 0.1}),
    ],
)
def test_sums_are_read(text, weights):
    assert parse_loss(text) == weights


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "nothing"),
        ("jaccard", "'jaccard'"),
        ("dice+", "nothing"),
        ("dice+dice", "'dice'"),
        ("0*dice", r"'0\*dice'"),
        ("-1*dice", "dice"),
        ("nan*dice", "dice"),
        ("inf*ce", "ce"),
        ("a*ce", r"'a\*ce'"),
        ("2*3*ce", "ce"),
        ("*ce", "ce"),
        ("dice*0.5", "dice"),
    ],
)
def test_what_is_no_sum_is_refused(text, named):
    with pytest.raises(UsageError, match=f"expected dice, ce, focal or a sum of them.*got .*{named}"):
        parse_loss(text)


@given(st.text(alphabet="dice+*focal0.5 -", max_size=20))
def test_any_text_is_read_or_refused(text):
    try:
        weights = parse_loss(text)
    except UsageError:
        return
    assert weights.keys() <= set(NAMES)
    assert all(weight > 0 for weight in weights.values())


def halved(pixels):
    return pixels.float() / 255


@pytest.mark.parametrize("stride", [1, 2, 4])
def test_each_term_is_weighted_and_taken_at_every_second_pixel(stride):
    torch.manual_seed(3)
    pixels = torch.randint(0, 256, (2, 3, 16, 16), dtype=torch.uint8)
    classes = torch.randint(0, 3, (2, 16, 16), dtype=torch.uint8)
    logits = torch.randn(2, 3, 16 // stride, 16 // stride)
    loss = MaskLoss({"focal": 2.0, "dice": 0.5}, halved, gamma=1.0, smooth=1.0)
    torch.manual_seed(0)
    first = int(torch.randint(2, ()))
    torch.manual_seed(0)
    terms = loss(lambda x: logits if torch.equal(x, halved(pixels)) else None, (pixels, classes))
    target = classes[:, first::2, first::2].long()
    seen = {1: logits[:, :, first::2, first::2], 2: logits}.get(stride)
    seen = F.interpolate(logits, scale_factor=2, mode="bilinear") if seen is None else seen
    assert list(terms) == ["focal", "dice"]
    assert float(terms["focal"]) == pytest.approx(2 * float(mask_focal_loss(seen, target, gamma=1.0)), rel=1e-6)
    assert float(terms["dice"]) == pytest.approx(0.5 * float(dice_loss(seen, target, smooth=1.0)), rel=1e-6)


def test_interpolated_logits_lie_as_pixels_do():
    """A ramp stays a ramp: the logits of stride 4 at 2, 6, 10 ... give 1, 3, 5 ... at stride 2, the edges aside."""
    ramp = (torch.arange(8) * 4.0 + 2).expand(1, 1, 8, 8)
    found = at_every(2, 0, ramp, 32)[0, 0, 0]
    assert torch.allclose(found[1:-1], torch.arange(16)[1:-1] * 2.0 + 1)
