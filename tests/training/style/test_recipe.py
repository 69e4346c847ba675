"""`dlcli train style-transfer` on a few photographs: losses fall, a run goes on, the painter can be used."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from dlcli.card import read_card
from dlcli.errors import DataError, InterruptedRunError, UsageError
from dlcli.nets.style_network import StyleNetwork
from dlcli.signals import StopRequest
from dlcli.tasks.style_transfer.optimize import to_image
from dlcli.training.log import TrainingReport
from dlcli.training.resume import plain
from dlcli.training.style.options import StyleTraining
from dlcli.training.style.recipe import PainterLoss, learn
from dlcli.training.style.samples import StyleSamples, card_styles, read_photographs, read_styles
from tests.program import SAMPLES, dlcli


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    for name in ("cat", "coffee", "rocket"):
        shutil.copy(SAMPLES / f"{name}.jpg", folder)
    return folder


def made(options: StyleTraining):
    _, images = read_styles(options.style, options.style_size)
    styles = [to_image(pixels) for pixels in images]
    samples = StyleSamples(read_photographs(options.data), styles, options.size, options.batch, options.seed)
    return samples, PainterLoss(options, styles)


def run(options: StyleTraining) -> StyleNetwork:
    from rich.console import Console

    torch.manual_seed(options.seed)
    options.out.mkdir(exist_ok=True)
    return learn(options, *made(options), TrainingReport(Console(stderr=True), True), StopRequest())


def small(photographs: Path, **more) -> StyleTraining:
    fixed = {"data": photographs, "style": ["starry-night", "great-wave"], "size": 64, "style_size": 96, "threads": 1}
    return StyleTraining(**(fixed | {"out": photographs.parent / "run", "steps": 12} | more))


def test_losses_fall(photographs):
    options = small(photographs, steps=25)
    samples, loss = made(options)
    before = StyleNetwork(2)
    after = run(options)
    with torch.no_grad():
        totals = [
            np.mean([sum(v.item() for v in loss(net, samples.draw(step)).values()) for step in range(5)])
            for net in (before, after)
        ]
    assert totals[1] < totals[0] * 0.9


def test_a_run_that_goes_on_ends_where_it_would_have_ended(photographs):
    whole = run(small(photographs, steps=6, out=photographs.parent / "whole"))
    torch.manual_seed(0)
    options = small(photographs, steps=6)
    (options.out).mkdir()
    stop = StopRequest()
    samples, loss = made(options)

    def interrupted(net, batch):
        stop.signal = (
            2 if batch.styles == samples.draw(3).styles and torch.equal(batch.contents, samples.draw(3).contents) else 0
        )
        return loss(net, batch)

    from rich.console import Console

    with pytest.raises(InterruptedRunError, match="stopped after step 4"):
        learn(options, samples, interrupted, TrainingReport(Console(stderr=True), True), stop)
    resumed = run(small(photographs, steps=6, resume=True))
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_batches_depend_on_the_seed_and_the_step_alone(photographs):
    samples, _ = made(small(photographs, batch=3))
    again, _ = made(small(photographs, batch=3))
    assert torch.equal(samples.draw(7).contents, again.draw(7).contents)
    assert set(samples.draw(7).styles[:2]) == {0, 1}
    assert samples.draw(7).contents.shape == (3, 3, 64, 64)
    assert not torch.equal(samples.draw(7).contents, samples.draw(8).contents)


def test_the_card_tells_the_colors_of_each_style():
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    (style,) = card_styles(["noise"], [pixels])
    flat = pixels.reshape(-1, 3) / 255
    assert np.allclose(style["mean"], flat.mean(0), atol=1e-5)
    assert np.allclose(style["covariance"], np.cov(flat.T, bias=True), atol=2e-5)
    assert json.loads(json.dumps(style)) == style


def test_from_photographs_to_a_image_on_the_command_line(photographs, tmp_path):
    shutil.copy(SAMPLES / "great-wave.jpg", tmp_path / "wave.jpg")
    out = tmp_path / "painter"
    ran = dlcli(
        *(
            "train",
            "style-transfer",
            photographs,
            "--style",
            tmp_path / "wave.jpg",
            "--style",
            "starry-night",
            "--out",
            out,
        ),
        *("--steps", "3", "--size", "32", "--style-size", "64", "--threads", "1"),
    )
    assert (ran.code, ran.out) == (0, "")
    assert "3 photographs, 2 styles: wave, starry-night" in ran.err
    ran = dlcli("export", out, "--half-weights", "--license", "CC0-1.0")
    assert (ran.code, "colors differ by at most" in ran.err) == (0, True), ran.err
    card = read_card(out / "best.onnx")
    assert [style["name"] for style in card.decoding["styles"]] == ["wave", "starry-night"]
    assert card.training["command"].startswith("dlcli train style-transfer photographs --out painter --style ")
    assert card.training["command"].count("--style ") == 2
    assert (out / "sheet.png").stat().st_size > 1000
    ran = dlcli(
        "style-transfer", SAMPLES / "cat.jpg", "--style", "wave", "--model", out, "--out", tmp_path / "o", "--json"
    )
    assert json.loads(ran.out)["model"].startswith("painter@sha256:")
    again = dlcli("train", "style-transfer", photographs, "--style", "starry-night", "--out", out)
    assert (again.code, "holds a run already" in again.err) == (2, True)


def test_options_of_a_run_that_goes_on_are_compared_as_they_are_kept(photographs):
    assert plain(small(photographs)) == json.loads(json.dumps(plain(small(photographs))))


def test_bad_input_is_named(photographs, tmp_path):
    with pytest.raises(UsageError, match="two are called starry-night"):
        read_styles(["starry-night", str(SAMPLES / "starry-night.jpg")], 64)
    with pytest.raises(UsageError, match="expected a folder of photographs"):
        read_photographs(tmp_path / "gone")
    (photographs / "cat.jpg").write_text("no image")
    (photographs / "coffee.jpg").unlink()
    (photographs / "rocket.jpg").unlink()
    with pytest.raises(DataError, match=r"cat\.jpg.*take it out of the folder"):
        made(small(photographs))[0].draw(0)
