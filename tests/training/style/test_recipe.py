"""What is special to `dlcli train style-transfer`: its batches, its card, and the way to an image."""

import json
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from dlcli.card import read_card
from dlcli.errors import DataError, InterruptedRunError, UsageError
from dlcli.tasks.style_transfer.optimize import to_image
from dlcli.training.checkpoint import load_checkpoint, save_checkpoint
from dlcli.training.style.samples import StyleSamples, card_styles, read_photographs, read_styles
from tests.program import SAMPLES, dlcli
from tests.training.cases import STYLE, assert_same_run


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    for name in ("cat", "coffee", "rocket"):
        shutil.copy(SAMPLES / f"{name}.jpg", folder)
    return folder


def made(photographs: Path, **more) -> StyleSamples:
    options = STYLE.given(photographs, photographs.parent / "run", **more)
    _, images = read_styles(options.style, options.style_size)
    styles = [to_image(pixels) for pixels in images]
    return StyleSamples(read_photographs(options.data), styles, options.size, options.batch, options.seed)


def test_batches_depend_on_the_seed_and_the_step_alone(photographs):
    samples, again = made(photographs, batch=3), made(photographs, batch=3)
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


def test_from_photographs_to_an_image_on_the_command_line(photographs, tmp_path):
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


def test_a_run_of_before_it_knew_its_photographs_goes_on(photographs, tmp_path):
    """Such a one has one long epoch that never ends, and no data."""
    whole, ours = (STYLE.given(photographs, tmp_path / name / "run") for name in ("whole", "old"))
    STYLE.train(whole)
    with pytest.raises(InterruptedRunError):
        STYLE.stop_at(4, signal.SIGINT, ours)
    saved = load_checkpoint(ours.out)
    save_checkpoint(ours.out, {name: value for name, value in saved.items() if name != "data"})
    STYLE.train(replace(ours, resume=True))
    assert_same_run(ours.out, whole.out)


def test_bad_input_is_named(photographs, tmp_path):
    with pytest.raises(UsageError, match="two are called starry-night"):
        read_styles(["starry-night", str(SAMPLES / "starry-night.jpg")], 64)
    with pytest.raises(UsageError, match="expected a folder of photographs"):
        read_photographs(tmp_path / "gone")
    (photographs / "cat.jpg").write_text("no image")
    (photographs / "coffee.jpg").unlink()
    (photographs / "rocket.jpg").unlink()
    with pytest.raises(DataError, match=r"cat\.jpg.*take it out of the folder"):
        made(photographs).draw(0)
