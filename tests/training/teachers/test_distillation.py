"""Distances to a teacher by hand, what a teacher is asked, and that a student follows one instead of its labels."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from dlcli.errors import MissingError, UsageError
from dlcli.nets.build_classifier import build_classifier
from dlcli.nets.build_segmenter import build_segmenter
from dlcli.nets.factory import build_detector
from dlcli.nets.weights import save_weights
from dlcli.training.detect.distillation import scores_apart
from dlcli.training.log import TrainLog
from dlcli.training.segment.distillation import pixels_apart
from dlcli.training.teachers.soft_targets import softened_divergence, softened_yes_or_no
from dlcli.training.teachers.teacher import Teacher, load_teacher
from tests.training.cases import CLASSIFY, DETECT, QUIET, SEGMENT

CASES = {
    "classify": (CLASSIFY, build_classifier),
    "segment": (SEGMENT, build_segmenter),
    "detect": (DETECT, build_detector),
}
PLAIN = {"classify": {"net": "torchvision/shufflenet_v2_x0_5", "mixup": 0.0, "cutmix": 0.0}}


def softmax(values):
    return np.exp(values) / np.exp(values).sum()


def test_the_divergence_by_hand():
    ours, theirs = [0.3, -1.0, 2.0], [1.0, 0.5, -0.5]
    p, q = softmax(np.array(theirs) / 3), softmax(np.array(ours) / 3)
    wanted = 9 * sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))
    got = softened_divergence(torch.tensor([ours, theirs]), torch.tensor([theirs, theirs]), 3.0)
    assert float(got) == pytest.approx(wanted / 2, rel=1e-5)
    sharp = softened_divergence(torch.tensor([[900.0, 0.0]]), torch.tensor([[-900.0, 0.0]]), 1.0)
    assert torch.isfinite(sharp)


def test_independent_answers_by_hand():
    p, q = 1 / (1 + math.exp(-0.5)), 1 / (1 + math.exp(1.0))
    wanted = 4 * (p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q)))
    got = softened_yes_or_no(torch.tensor([[-2.0, 1.0]]), torch.tensor([[1.0, 1.0]]), 2.0)
    assert float(got) == pytest.approx(wanted / 2, rel=1e-5)


def test_pixels_are_those_of_the_student_and_classes_by_name():
    theirs = torch.randn(2, 5, 3, 3).repeat_interleave(2, 2).repeat_interleave(2, 3)
    rows = torch.tensor([4, 0, 2])
    assert float(pixels_apart(theirs[:, rows], theirs, rows, 2.0)) == pytest.approx(0, abs=1e-6)
    one = torch.tensor([1.0, 0.0, -1.0]).view(1, 3, 1, 1).expand(1, 3, 4, 4)
    flat = torch.zeros(1, 3, 2, 2)
    by_hand = softened_divergence(torch.tensor([[1.0, 0.0, -1.0]]), torch.zeros(1, 3), 2.0)
    assert float(pixels_apart(one, flat, torch.arange(3), 2.0)) == pytest.approx(float(by_hand), rel=1e-5)


def test_scores_of_anchors_against_a_loop():
    ours, theirs = torch.randn(2, 7, 3), torch.randn(2, 7, 4)
    rows, wanted = torch.tensor([3, 1, 0]), 0.0
    for image in range(2):
        for anchor in range(7):
            for own, row in enumerate(rows.tolist()):
                p, q = (
                    1 / (1 + math.exp(-float(v) / 2)) for v in (ours[image, anchor, own], theirs[image, anchor, row])
                )
                wanted += (q - p) ** 2 * -(q * math.log(p) + (1 - q) * math.log(1 - p))
    objects = sum(bool((theirs[i, a, rows] > 0).any()) for i in range(2) for a in range(7))
    got = scores_apart((ours, torch.zeros(2, 7, 4)), (theirs, torch.zeros(2, 7, 4)), rows, 2.0)
    assert float(got) == pytest.approx(wanted / objects, rel=1e-5)


def planned(task, tmp_path, **more):
    case, build = CASES[task]
    data = tmp_path / "data"
    if not data.exists():
        case.write(data, 4, 2)
    options = case.given(data, tmp_path / "out", **(PLAIN.get(task, {}) | more))
    return case.recipe(options, TrainLog(QUIET, True), None), build


def noisy(net):
    """A new detector says the same of all anchors."""
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return net


@pytest.mark.parametrize("task", list(CASES))
def test_a_student_like_its_teacher_is_told_nothing_more(task, tmp_path):
    plan, build = planned(task, tmp_path)
    batch = next(iter(plan.batches(0, 0)))
    save_weights(tmp_path / "teacher.safetensors", noisy(build(plan.card)), card=plan.card)
    taught, _ = planned(task, tmp_path, teacher=str(tmp_path / "teacher.safetensors"), teacher_weight=3.0)
    taught.net.eval()
    torch.manual_seed(0)
    terms = taught.loss(taught.net, batch)
    assert float(terms["teacher"].detach()) > 1e-6
    torch.manual_seed(0)
    plain = plan.loss(taught.net, batch)
    assert all(torch.equal(terms[name], value) for name, value in plain.items())
    own = taught.loss.teacher.net
    assert float(taught.loss(own, batch)["teacher"]) == pytest.approx(0, abs=1e-4)
    terms["teacher"].backward()
    assert all(p.grad is None for p in own.parameters())
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in taught.net.parameters())


def test_a_teacher_gets_its_own_normalization_and_size(tmp_path):
    plan, _ = planned("classify", tmp_path)
    other = replace(plan.card, mean=(10.0, 20.0, 30.0), std=(2.0, 4.0, 5.0), input=(16, 16))
    seen = []

    class Spy(torch.nn.Module):
        def forward(self, x):
            seen.append(x)
            return x

    pixels = torch.full((1, 3, 32, 32), 100.0)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (plan.card.mean, plan.card.std))
    Teacher(Spy(), other, plan.card, torch.arange(3))((pixels - mean) / std)
    assert seen[0].shape == (1, 3, 16, 16)
    assert torch.allclose(seen[0][0, :, 5, 5], torch.tensor([45.0, 20.0, 14.0]), atol=1e-3)


def test_a_teacher_that_does_not_fit_is_refused(tmp_path):
    plan, build = planned("classify", tmp_path)
    path = tmp_path / "other.safetensors"
    fewer = replace(plan.card, labels=("blue", "pink"))
    save_weights(path, build(fewer), card=fewer)
    with pytest.raises(UsageError, match="does not know 2 of the 3 classes: green, red; it knows blue, pink"):
        load_teacher(str(path), plan.card)
    sigmoid = replace(plan.card, decoding={**plan.card.decoding, "scores": "sigmoid"})
    save_weights(path, build(sigmoid), card=sigmoid)
    with pytest.raises(UsageError, match="gives sigmoid scores"):
        load_teacher(str(path), plan.card)
    with pytest.raises(UsageError, match="--teacher coco: expected a model for classify, got one for detect"):
        load_teacher("coco", plan.card)
    with pytest.raises(MissingError, match="--teacher nowhere: expected a bundled model"):
        load_teacher("nowhere", plan.card)
    detect, build = planned("detect", tmp_path / "boxes")
    wide = replace(detect.card, decoding={**detect.card.decoding, "sides": [10, 20, 30, 40]})
    save_weights(path, build(wide), card=wide)
    with pytest.raises(UsageError, match="has other anchors; pass --sides 10,20,30,40"):
        planned("detect", tmp_path / "boxes", teacher=str(path))
    with pytest.raises(UsageError, match="teaches --net anchor only"):
        planned("detect", tmp_path / "boxes", teacher=str(path), net="fast-rcnn")
