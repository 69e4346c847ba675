"""What an any-style model learns from: views, the bank of styles, its losses; and the way to an image."""

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from dlcli.card import read_card
from dlcli.errors import UsageError
from dlcli.models import BUNDLED
from dlcli.style.features import gram, load_lite_features
from dlcli.tasks.style_transfer.optimize import to_image
from dlcli.training.style.any_loss import AnyBatch, any_style_loss
from dlcli.training.style.any_recipe import any_samples, new_network
from dlcli.training.style.bank import KnownStyle, StyleBank, gram_matrices
from dlcli.training.style.options import StyleTraining
from dlcli.training.style.recipe import check_options
from dlcli.training.style.samples import read_photographs
from dlcli.training.style.views import random_palette, random_view
from tests.program import SAMPLES, dlcli


@pytest.fixture(scope="module")
def features():
    return load_lite_features(BUNDLED / "imagenet.safetensors")


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    (tmp_path / "photographs").mkdir()
    for name in ("cat", "coffee", "great-wave", "starry-night"):
        shutil.copy(SAMPLES / f"{name}.jpg", tmp_path / "photographs")
    return tmp_path / "photographs"


def options(folder: Path, **more) -> StyleTraining:
    return StyleTraining(data=folder, styles=folder, out=folder.parent / "run", size=32, batch=2, **more)


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_view_is_a_square_of_the_painting_and_depends_on_the_dice_alone():
    painting = noise(90, 120)
    views = [random_view(painting, 32, random.Random(seed)) for seed in (1, 1, 2)]
    assert [(view.shape, view.dtype) for view in views] == [((32, 32, 3), np.uint8)] * 3
    assert np.array_equal(views[0], views[1])
    assert not np.array_equal(views[0], views[2])


def test_a_random_palette_keeps_what_is_where():
    ramp = np.repeat(np.arange(60, 190, 2, dtype=np.uint8)[None, :, None], 3, 2)  # [1, 65, 3]
    for seed in range(20):
        steps = np.diff(random_palette(ramp, random.Random(seed)).astype(int), axis=1)
        assert (steps >= 0).all() or (steps <= 0).all()


def test_the_bank_gives_back_the_gram_matrices(features):
    image = noise(64, 80)
    (matrices,) = [gram_matrices([KnownStyle.of(image, features)])]
    with torch.no_grad():
        expected = [gram(layer) for layer in features.of(to_image(image))]
    for found, wanted in zip(matrices, expected, strict=True):
        assert torch.allclose(found, wanted, atol=float(wanted.abs().max()) * 1e-3)


def test_a_step_chooses_the_same_styles_whatever_came_before(features):
    drawn: list[int] = []

    def draw(number: int) -> np.ndarray:
        drawn.append(number)
        return noise(32, 32, number)

    one, other = (StyleBank(features, draw, capacity=4) for _ in range(2))
    one.sample(0, 2, random.Random(5))
    chosen = [bank.sample(9, 2, random.Random(7)) for bank in (one, other)]
    assert all(torch.equal(a.statistics, b.statistics) for a, b in zip(*chosen, strict=True))
    assert set(drawn) <= set(range(4)) | set(range(9, 13))


def test_the_losses_reach_every_weight_that_learns_and_no_other(photographs):
    net, asked = new_network(), options(photographs)
    samples = any_samples(asked, read_photographs(photographs), net)
    batch = samples.draw(3)
    assert torch.equal(batch.contents, samples.draw(3).contents)
    terms = any_style_loss(net, AnyBatch(batch.contents, batch.styles), asked)
    torch.stack(list(terms.values())).sum().backward()
    frozen = set(net.encoder.features.parameters())
    assert set(terms) == {"content", "detail", "style", "variation", "layout"}
    assert all((p.grad is None) == (p in frozen) for p in net.parameters())
    assert all(p.grad.abs().sum() > 0 for p in net.parameters() if p.ndim > 1 and p not in frozen)


def test_either_named_styles_or_a_folder(photographs):
    both = StyleTraining(data=photographs, styles=photographs, style=["a.jpg"], out=photographs)
    neither = StyleTraining(data=photographs, out=photographs)
    for asked in (both, neither):
        with pytest.raises(UsageError, match=r"--style, --styles: give one of them"):
            check_options(asked)


def test_from_paintings_to_an_image_in_a_style_that_was_never_seen(photographs, tmp_path, monkeypatch):
    tried = [noise(*size).transpose(2, 0, 1)[None].astype(np.float32) for size in ((48, 64), (96, 32))]
    monkeypatch.setattr("dlcli.export.style.real_images", lambda: tried)  # quicker than the bundled styles
    out = tmp_path / "any"
    ran = dlcli(
        *("train", "style-transfer", photographs, "--styles", photographs, "--out", out),
        *("--steps", "2", "--size", "32", "--threads", "1"),
    )
    assert (ran.code, ran.out) == (0, "")
    assert "4 photographs, 4 paintings" in ran.err
    ran = dlcli("export", out, "--half-weights", "--license", "CC0-1.0")
    assert (ran.code, "colors differ by at most" in ran.err) == (0, True), ran.err
    assert read_card(out / "best.onnx").decoding == {"vector": 100}
    assert (out / "sheet.png").stat().st_size > 1000
    style = SAMPLES / "rocket.jpg"
    ran = dlcli(
        *("style-transfer", SAMPLES / "cat.jpg", "--style", style, "--model", out, "--out", tmp_path / "o", "--json")
    )
    record = json.loads(ran.out)
    assert record["model"].startswith("any@sha256:")
    assert record["styles"] == [{"style": str(style), "share": 1.0}]
