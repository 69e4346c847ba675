"""Losses of masks against slow loops and other libraries; sums of them by name, and the pixels they are taken at."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from segmentation_models_pytorch.losses import DiceLoss

from dlcli.errors import UsageError
from dlcli.ops.masks import dice
from dlcli.training.segment.losses import (
    NAMES,
    MaskLoss,
    at_every,
    cross_entropy_loss,
    dice_loss,
    mask_focal_loss,
    parse_loss,
    soft_dice,
)
from tests.training.segment.slow_losses import dice_loss_of, pixels_of, random_masks

WEIGHTS = torch.tensor([1.0, 0.5, 3.0, 2.0]).double()
TRUTHS = [(void, used) for void in (False, True) for used in (4, 2)]  # used 2: two of four classes are absent


@pytest.mark.parametrize("void", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_cross_entropy_is_the_formula(void, smoothing, weights):
    logits, target = random_masks(1, void=void)
    w = np.ones(4) if weights is None else weights.numpy()
    loss = total = 0.0
    for _, p, true in pixels_of(logits, target):
        q = np.full(4, smoothing / 4)
        q[true] += 1 - smoothing
        loss += -(q * w * np.log(p)).sum()
        total += w[true]
    ours = float(cross_entropy_loss(logits, target, weights, smoothing))
    assert ours == pytest.approx(loss / total, rel=1e-9)
    theirs = F.cross_entropy(logits, target, weights, ignore_index=255, label_smoothing=smoothing)
    assert ours == pytest.approx(float(theirs), rel=1e-9)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_cross_entropy_is_0_where_nothing_counts(weights):
    """Where torch's own mean is 0 / 0."""
    logits, target = random_masks(2)
    assert float(cross_entropy_loss(logits, torch.full_like(target, 255), weights)) == 0


@pytest.mark.parametrize("void", [False, True])
@pytest.mark.parametrize("gamma", [0.5, 2.0])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_focal_is_the_formula(void, gamma, weights):
    logits, target = random_masks(1, void=void)
    w = np.ones(4) if weights is None else weights.numpy()
    pixels = list(pixels_of(logits, target))
    loss = sum(-w[true] * (1 - p[true]) ** gamma * np.log(p[true]) for _, p, true in pixels)
    ours = float(mask_focal_loss(logits, target, weights, gamma))
    assert ours == pytest.approx(loss / sum(w[true] for _, _, true in pixels), rel=1e-9)


def test_focal_at_gamma_0_is_cross_entropy():
    logits, target = random_masks(2, void=True)
    theirs = cross_entropy_loss(logits, target, WEIGHTS)
    assert float(mask_focal_loss(logits, target, WEIGHTS, gamma=0.0)) == pytest.approx(float(theirs), rel=1e-9)


def test_focal_stays_a_number_with_logits_that_leave_no_doubt():
    logits = torch.tensor([[[[200.0]], [[-200.0]]]], requires_grad=True)
    for true in (0, 1):
        mask_focal_loss(logits, torch.full((1, 1, 1), true)).backward()
    assert torch.isfinite(logits.grad).all()


def test_focal_is_0_where_nothing_counts():
    logits, target = random_masks(3)
    assert float(mask_focal_loss(logits, torch.full_like(target, 255), WEIGHTS)) == 0


@pytest.mark.parametrize(("void", "used"), TRUTHS)
@pytest.mark.parametrize("smooth", [0.0, 1.0])
@pytest.mark.parametrize("weights", [None, [1.0, 0.5, 3.0, 2.0]])
def test_dice_is_the_formula(void, used, smooth, weights):
    logits, target = random_masks(1, void=void, used=used)
    ours = dice_loss(logits, target, None if weights is None else torch.tensor(weights).double(), smooth=smooth)
    slow = dice_loss_of(list(pixels_of(logits, target)), weights or [1.0] * 4, smooth)
    assert float(ours) == pytest.approx(slow, rel=1e-9)


@pytest.mark.parametrize("smooth", [0.0, 1.0])
def test_dice_per_image_is_the_mean_over_images_that_have_any_truth(smooth):
    logits, target = random_masks(2, void=True, used=3)
    target[1] = 255  # nothing counts there
    pixels = list(pixels_of(logits, target))
    each = [dice_loss_of([p for p in pixels if p[0] == b], [1.0] * 4, smooth) for b in (0, 2)]
    assert float(dice_loss(logits, target, per_image=True, smooth=smooth)) == pytest.approx(np.mean(each), rel=1e-9)


@pytest.mark.parametrize(("void", "used"), TRUTHS)
def test_segmentation_models_pytorch_agrees(void, used):
    """It counts an absent class as loss 0 in the mean over all classes; we leave the class out."""
    logits, target = random_masks(3, void=void, used=used)
    theirs = DiceLoss("multiclass", ignore_index=255 if void else None)(logits, target)
    assert float(dice_loss(logits, target)) * used / 4 == pytest.approx(float(theirs), rel=1e-6)


@pytest.mark.parametrize("void", [False, True])
def test_a_perfect_mask_costs_nothing(void):
    _, target = random_masks(4, void=void)
    sure = 100.0 * torch.nn.functional.one_hot(target % 255 % 4, 4).permute(0, 3, 1, 2).double()
    for per_image in (False, True):
        assert float(dice_loss(sure, target, per_image=per_image)) == pytest.approx(0, abs=1e-9)
    theirs = DiceLoss("multiclass", ignore_index=255)(sure, target)
    assert float(theirs) == pytest.approx(0, abs=1e-6)


def test_a_class_that_nobody_sees_is_left_out_of_the_mean():
    """All background: the mean is over that one class, whatever the others say."""
    logits, _ = random_masks(5)
    target = torch.zeros(3, 9, 7, dtype=torch.int64)
    background = logits.softmax(1)[:, 0]
    expected = 1 - 2 * background.sum() / (background.sum() + background.numel())
    assert float(dice_loss(logits, target)) == pytest.approx(float(expected), rel=1e-9)


def test_dice_where_nothing_counts_is_loss_0_with_gradient_0():
    logits, target = random_masks(6)
    logits.requires_grad_()
    for per_image in (False, True):
        loss = dice_loss(logits, torch.full_like(target, 255), per_image=per_image)
        loss.backward()
        assert float(loss.detach()) == 0
        assert torch.equal(logits.grad, torch.zeros_like(logits))


@pytest.mark.parametrize("smooth", [0.0, 1.0])
def test_two_empty_masks_have_dice_1_as_in_the_metric(smooth):
    empty = torch.zeros(5, 5)
    assert float(soft_dice(empty, empty, (0, 1), smooth)) == 1 == dice(empty.numpy(), empty.numpy())


def test_of_masks_without_doubt_it_is_the_metric():
    rng = np.random.default_rng(7)
    x, y = rng.random((2, 6, 5)) < 0.4
    assert float(soft_dice(torch.tensor(x).double(), torch.tensor(y).double(), (0, 1))) == pytest.approx(dice(x, y))


def test_ignored_pixels_have_no_gradient():
    logits, target = random_masks(8, void=True)
    logits.requires_grad_()
    dice_loss(logits, target).backward()
    assert float(logits.grad.abs().sum(1)[target == 255].max()) == 0
    assert torch.autograd.gradcheck(lambda x: dice_loss(x, target[:1, :3, :3], smooth=1.0), logits[:1, :, :3, :3])


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
