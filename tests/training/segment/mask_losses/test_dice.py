"""Soft Dice against a slow loop and segmentation_models_pytorch."""

import numpy as np
import pytest
import torch
from segmentation_models_pytorch.losses import DiceLoss

from dlcli.ops.masks import dice
from dlcli.training.segment.mask_losses.dice import dice_loss, soft_dice
from tests.training.mask_losses.oracle import dice_loss_of, pixels_of, random_masks

CASES = [(void, used) for void in (False, True) for used in (4, 2)]  # used 2: two of four classes are absent


@pytest.mark.parametrize(("void", "used"), CASES)
@pytest.mark.parametrize("smooth", [0.0, 1.0])
@pytest.mark.parametrize("weights", [None, [1.0, 0.5, 3.0, 2.0]])
def test_it_is_the_formula(void, used, smooth, weights):
    logits, target = random_masks(1, void=void, used=used)
    ours = dice_loss(logits, target, None if weights is None else torch.tensor(weights).double(), smooth=smooth)
    slow = dice_loss_of(list(pixels_of(logits, target)), weights or [1.0] * 4, smooth)
    assert float(ours) == pytest.approx(slow, rel=1e-9)


@pytest.mark.parametrize("smooth", [0.0, 1.0])
def test_per_image_is_the_mean_over_images_that_have_any_truth(smooth):
    logits, target = random_masks(2, void=True, used=3)
    target[1] = 255  # nothing counts there
    pixels = list(pixels_of(logits, target))
    each = [dice_loss_of([p for p in pixels if p[0] == b], [1.0] * 4, smooth) for b in (0, 2)]
    assert float(dice_loss(logits, target, per_image=True, smooth=smooth)) == pytest.approx(np.mean(each), rel=1e-9)


@pytest.mark.parametrize(("void", "used"), CASES)
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


def test_nothing_that_counts_is_loss_0_with_gradient_0():
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
