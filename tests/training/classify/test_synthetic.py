"""`--synthetic CLASS=RUN`: made images are learned from, never measured on, and the same again when a run goes on."""

import json
import signal
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from dlcli.card import ModelCard
from dlcli.errors import InterruptedRunError, MissingError, UsageError
from dlcli.evaluation import class_plots
from dlcli.models.run_folder import BEST, CONFIG
from dlcli.nets.gan import build_gan
from dlcli.nets.weights import save_weights
from dlcli.training import labeled
from dlcli.training.classify.data import read_sets
from dlcli.training.classify.synthetic import with_synthetic
from dlcli.training.log import TrainLog
from tests.training.cases import CLASSIFY, QUIET, assert_same_run
from tests.training.class_sets import write_class_folders

GAN_CARD = ModelCard(
    *("made", "gan", (), (16, 16), (127.5,) * 3, (127.5,) * 3),
    decoding={"latent": 8, "width": 8, "spectral": False},
)
LOG = TrainLog(QUIET, True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)
    monkeypatch.setattr(class_plots, "draw_confusion", lambda *_: b"")


@pytest.fixture
def generator(tmp_path):
    """A run whose images differ from one another."""
    run = tmp_path / "gan"
    run.mkdir()
    torch.manual_seed(0)
    (run / CONFIG).write_text(json.dumps({"options": {}, "card": json.loads(GAN_CARD.to_json())}))
    save_weights(run / BEST, build_gan(GAN_CARD), card=GAN_CARD)
    return run


@pytest.fixture
def colors(tmp_path):
    return write_class_folders(tmp_path / "colors", train=2, val=1)


def options(data, out, **more):
    return CLASSIFY.given(data, out, net="lite0", mixup=0.0, cutmix=0.0, **more)


def test_made_images_are_learned_from(colors, generator, tmp_path):
    given = options(colors, tmp_path / "run", synthetic=f"green={generator}", synthetic_count=3)
    train_set, val_set, _ = read_sets(given, LOG)
    more = with_synthetic(given, train_set, LOG)
    assert more.items[:6] == train_set.items
    made = more.items[6:]
    assert [(item.path.parent, item.target) for item in made] == [(tmp_path / "run" / "synthetic", (1,))] * 3
    pixels = [np.asarray(Image.open(item.path)) for item in made]
    assert pixels[0].shape == (16, 16, 3)
    assert not np.array_equal(pixels[0], pixels[1])
    assert len(val_set.items) == 3
    again = with_synthetic(replace(given, out=tmp_path / "other"), train_set, LOG).items[6:]
    assert all(np.array_equal(np.asarray(Image.open(item.path)), old) for item, old in zip(again, pixels, strict=True))
    as_many = with_synthetic(replace(given, synthetic_count=0), train_set, LOG)
    assert len(as_many.items) == 6 + 2


def test_a_run_goes_on_with_them(colors, generator, tmp_path):
    more = {"synthetic": f"green={generator}", "synthetic_count": 3}
    whole, ours = (options(colors, tmp_path / name / "run", **more) for name in ("whole", "stopped"))
    CLASSIFY.train(whole)
    record = json.loads((whole.out / "run.json").read_text())
    assert (record["options"]["synthetic"], record["data"]["images"]) == (f"green={generator}", 9)
    with pytest.raises(InterruptedRunError):
        CLASSIFY.stop_at(3, signal.SIGINT, ours)
    CLASSIFY.train(replace(ours, resume=True))
    assert_same_run(ours.out, whole.out)


@pytest.mark.parametrize(
    ("word", "error", "message"),
    [
        ("green", UsageError, "--synthetic green: expected CLASS=RUN, such as blue=runs/gan"),
        (
            "gren=RUN",
            UsageError,
            "--synthetic gren: expected one of the classes blue, green, red; did you mean green",
        ),
        ("green=nowhere", MissingError, "nowhere: expected the folder of a training"),
    ],
)
def test_what_cannot_be_is_one_sentence(colors, generator, tmp_path, word, error, message):
    given = options(colors, tmp_path / "run", synthetic=word.replace("RUN", str(generator)))
    with pytest.raises(error, match=message):
        with_synthetic(given, read_sets(given, LOG).train, LOG)


def test_a_run_of_another_kind_is_refused(colors, generator, tmp_path):
    given = options(colors, tmp_path / "run", synthetic=f"red={generator}")
    card = replace(GAN_CARD, task="mae")
    (generator / CONFIG).write_text(json.dumps({"options": {}, "card": json.loads(card.to_json())}))
    with pytest.raises(UsageError, match="expected a run of dlcli train gan, got one for mae"):
        with_synthetic(given, read_sets(given, LOG).train, LOG)
