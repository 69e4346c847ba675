"""`train gan`, `export`, `generate`: a run that goes on exactly, the data's colors, the same images without torch."""

import json
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from dlcli.errors import InterruptedRunError, UsageError
from dlcli.models.generator import ImageGenerator
from dlcli.models.run_folder import read_run
from dlcli.nets.gan import build_gan
from dlcli.nets.weights import load_weights
from dlcli.training import labeled
from dlcli.training.gan import recipe
from dlcli.training.gan.losses import DISCRIMINATOR, GENERATOR
from dlcli.training.gan.options import AdversarialLoss, GanTraining, Regularization
from dlcli.training.gan.turns import InTurn
from tests.program import ROOT, dlcli
from tests.training.cases import QUIET, Case, assert_same_run, rows

SMALL = {"size": 16, "batch": 4, "epochs": 2, "workers": 0, "width": 8, "latent": 8, "compared": 4}


def write_red(folder, count=9, _val=0):
    """Images in which red is bright."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(count):
        noise = rng.integers(0, 40, (16, 16, 3))
        Image.fromarray((noise + np.array([200, 0, 0])).astype(np.uint8)).save(folder / f"{number:02}.png")
    return folder


class SeesColors:
    """In the place of the large network: the mean color."""

    def of(self, batches):
        return np.concatenate([images.mean((2, 3)).numpy() for images in batches])


GAN = Case("gan", recipe.plan, GanTraining, write_red, SMALL, {}, "generator", lambda card: None)


@pytest.fixture
def images(tmp_path, monkeypatch):
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)
    monkeypatch.setattr(recipe, "Features", SeesColors)
    return write_red(tmp_path / "red")


def test_a_run_leaves_its_sheets_and_goes_on_to_the_same_bits(images, tmp_path):
    GAN.train(GAN.given(images, tmp_path / "whole" / "run"))
    whole = tmp_path / "whole" / "run"
    assert {path.name for path in (whole / "samples").iterdir()} == {"epoch-001.png", "epoch-002.png"}
    assert Image.open(whole / "sheet.png").size == (8 * 16, 8 * 16)
    assert [set(row) for row in rows(whole)] == [{"epoch", GENERATOR, DISCRIMINATOR, "frechet"}] * 2
    options = GAN.given(images, tmp_path / "run")
    with pytest.raises(InterruptedRunError):
        GAN.stop_at(7, signal.SIGINT, options)  # of 8: after the discriminator's turn
    GAN.train(replace(options, resume=True))
    assert_same_run(options.out, whole)


@pytest.mark.parametrize(
    "more",
    [
        {"loss": AdversarialLoss.NON_SATURATING, "regularization": Regularization.R1},
        {"loss": AdversarialLoss.HINGE, "regularization": Regularization.SPECTRAL_NORM},
    ],
    ids=["non-saturating, R1", "hinge, spectral norm"],
)
def test_it_learns_the_colors_of_the_images(images, tmp_path, more):
    options = GAN.given(images, tmp_path / "run", epochs=40, lr=3e-3, ema=0.9, eval_every=10, zoom=1.0, **more)
    GAN.train(options)
    distances = [float(row["frechet"]) for row in rows(options.out) if row["frechet"]]
    assert distances[-1] < distances[0] / 4
    red, green, blue = np.asarray(Image.open(options.out / "sheet.png"), float).mean((0, 1))
    assert red > 150 > 100 > max(green, blue)


def test_the_weights_of_the_least_distance_are_kept(images, tmp_path, monkeypatch):
    distances = iter([3.0, 1.0, 2.0])
    monkeypatch.setattr(recipe, "frechet_distance", lambda *_: next(distances))
    run = tmp_path / "run"
    GAN.train(GAN.given(images, run, epochs=3))
    record = json.loads((run / "run.json").read_text())
    assert (record["metric"], record["best"], record["best_epoch"]) == ("frechet", 1.0, 2)
    assert (run / "sheet.png").read_bytes() == (run / "samples" / "epoch-002.png").read_bytes()
    assert (run / "sheet.png").read_bytes() != (run / "samples" / "epoch-003.png").read_bytes()
    net = build_gan(read_run(run).card)
    load_weights(run / "best.safetensors", net)
    made = next(recipe.made_images(net, recipe.latents_of(0, 64, net.latent)))
    corner = ((made[0].permute(1, 2, 0) + 1) * 127.5).clamp(0, 255).round().byte().numpy()
    assert np.array_equal(np.asarray(Image.open(run / "sheet.png"))[:16, :16], corner)


def test_export_and_generate_without_torch(images, tmp_path):
    run, made = tmp_path / "run", tmp_path / "made"
    GAN.train(GAN.given(images, run))
    assert dlcli("export", run, "--threads", 1).code == 0
    words = ["generate", "--model", str(run), "--count", "3", "--seed", "5", "--out", str(made)]
    code = f"import sys\nfrom dlcli.cli.app import build_app, run\ncode = run(build_app({words}), {words})\n"
    code += "sys.exit(code or 'torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    assert [path.name for path in sorted(made.iterdir())] == ["000001.png", "000002.png", "000003.png"]
    net = build_gan(read_run(run).card)
    load_weights(run / "best.safetensors", net)
    for number in range(3):
        latent = np.random.default_rng((5, number)).standard_normal((1, 8)).astype(np.float32)
        with torch.inference_mode():
            expected = (net.generator(torch.from_numpy(latent))[0].permute(1, 2, 0).numpy() + 1) * 127.5
        np.testing.assert_allclose(np.asarray(Image.open(made / f"{number + 1:06}.png")), expected, atol=1)
    generator = ImageGenerator(str(run), 1)
    assert np.array_equal(generator.image(5, 2), np.asarray(Image.open(made / "000003.png")))
    assert not np.array_equal(generator.image(6, 2), generator.image(5, 2))
    again = dlcli(*words)
    assert (again.code, "000001.png is there already; name another folder" in again.err) == (2, True)
    assert "--int8: an image that is made needs more than eight bits" in dlcli("export", run, "--int8").err


def test_a_model_of_another_kind_is_refused(tmp_path):
    ran = dlcli("generate", "--model", "coco", "--out", tmp_path / "made")
    assert (ran.code, "expected a model for gan, got one for detect" in ran.err) == (2, True)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [({"size": 48}, "--size 48: expected 16, 32, 64 or 128"), ({"width": 12}, "--width 12: expected a multiple of 8")],
)
def test_sizes_that_cannot_be_are_refused(images, tmp_path, more, message):
    with pytest.raises(UsageError, match=message):
        GAN.train(GAN.given(images, tmp_path / "run", **more), QUIET)


def test_each_batch_has_two_turns_also_from_the_middle():
    class Three:
        steps, size = 3, 4

        def part(self, number, count):
            return lambda epoch, done: ((f"{number}/{count} {row}",) for row in range(done, 3))

    batches = InTurn(Three())
    whole = [(turn, f"0/1 {row}") for row in range(3) for turn in (DISCRIMINATOR, GENERATOR)]
    assert (batches.steps, batches.size) == (6, 2)
    assert [list(batches(0, done)) for done in (0, 1, 4)] == [whole, whole[1:], whole[4:]]
    assert list(batches.part(1, 2)(0, 5)) == [(GENERATOR, "1/2 2")]
