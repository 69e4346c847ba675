"""`train mae`: the loss by a loop, a run that goes on exactly, the sheet, and a classifier that starts from it."""

import signal
from dataclasses import replace

import pytest
import torch
from PIL import Image

from dlcli.errors import DataError, InterruptedRunError, UsageError
from dlcli.evaluation import class_plots
from dlcli.nets.masked_autoencoder import MaskedAutoencoder, from_patches, to_patches
from dlcli.nets.weights import read_weights
from dlcli.training import labeled
from dlcli.training.mae import recipe
from dlcli.training.mae.loss import hidden_error, random_patches, restoration
from dlcli.training.mae.options import MaeTraining
from tests.program import dlcli
from tests.training.cases import CLASSIFY, QUIET, Case, assert_same_run, rows
from tests.training.class_sets import write_class_folders

SMALL = {"size": 32, "batch": 4, "epochs": 2, "workers": 0, "val_share": 0.2}
MAE = Case("mae", recipe.plan, MaeTraining, write_class_folders, SMALL, {}, "hidden", lambda card: None)


@pytest.fixture
def images(tmp_path, monkeypatch):
    """12 of them, 10 to learn from: 2 steps an epoch."""
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)
    monkeypatch.setattr(class_plots, "draw_confusion", lambda *_: b"")
    return write_class_folders(tmp_path / "in", train=3, val=1)


def test_the_error_is_of_hidden_patches_alone():
    found, wanted = torch.randn(2, 5, 3), torch.randn(2, 5, 3)
    seen = torch.tensor([[0, 4], [1, 2]])
    slow = [
        float(((found[i, n] - wanted[i, n]) ** 2).mean())
        for i in range(2)
        for n in range(5)
        if n not in seen[i].tolist()
    ]
    assert float(hidden_error(found, wanted, seen)) == pytest.approx(sum(slow) / 6, rel=1e-5)


def test_a_share_of_the_patches_is_seen():
    seen = random_patches(200, 16, 0.75)
    assert seen.shape == (200, 4)
    assert all(len(set(row)) == 4 for row in seen.tolist())
    assert seen.flatten().bincount(minlength=16).min() > 20  # 50 expected of each
    assert random_patches(1, 4, 0.95).shape == random_patches(1, 4, 0.7).shape == (1, 1)
    assert random_patches(1, 4, 0.1).shape == (1, 3)


def test_a_restoration_keeps_what_was_seen():
    net, x = MaskedAutoencoder(16, 8, 24, 2, 1).eval(), torch.randn(1, 3, 16, 16)
    seen = torch.tensor([[1, 2]])
    masked, restored = restoration(net, x, seen)
    for patch, (y, left) in enumerate([(0, 0), (0, 8), (8, 0), (8, 8)]):
        window = (0, slice(None), slice(y, y + 8), slice(left, left + 8))
        if patch in (1, 2):
            assert torch.equal(masked[window], x[window])
            assert torch.equal(restored[window], x[window])
        else:
            assert not masked[window].any()
            wanted = from_patches(net(x, seen).detach(), 8, 16)
            assert torch.allclose(restored[window], wanted[window], atol=1e-5)
    assert to_patches(restored, 8).shape == (1, 4, 192)


def test_a_run_goes_on_and_a_classifier_starts_from_it(images, tmp_path):
    whole, ours = (MAE.given(images, tmp_path / name / "run") for name in ("whole", "stopped"))
    MAE.train(whole)
    with pytest.raises(InterruptedRunError):
        MAE.stop_at(3, signal.SIGINT, ours)
    MAE.train(replace(ours, resume=True))
    assert_same_run(ours.out, whole.out)
    with Image.open(whole.out / "sheet.png") as sheet:
        assert sheet.width > 3 * 9 * 32
        assert sheet.height > 2 * 9 * 32
    assert all(float(row["val_hidden"]) > 0 for row in rows(whole.out))
    plain = {"mixup": 0.0, "cutmix": 0.0, "net": "vit-micro", "freeze": "all-but-last", "epochs": 1}
    options = CLASSIFY.given(images, tmp_path / "classes", from_=str(whole.out), **plain)
    CLASSIFY.train(options)
    learned, found = read_weights(whole.out / "best.safetensors"), read_weights(options.out / "best.safetensors")
    kept = [name for name in found if not name.startswith("heads")]
    assert len(kept) > 50
    assert all(torch.equal(found[name], learned[name]) for name in kept)


def test_it_learns_to_restore(images, tmp_path):
    options = MAE.given(images, tmp_path / "run", epochs=12, lr=4e-3)
    MAE.train(options)
    found = [float(row["hidden"]) for row in rows(options.out)]
    assert found[-1] < 0.85 * found[0]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"net": "resnet18"}, "expected a Vision Transformer: vit-micro"),
        ({"size": 36}, "takes multiples of 8 pixels"),
        ({"net": "vit-tiny", "size": 40}, "takes multiples of 16 pixels"),
    ],
)
def test_what_is_refused(images, tmp_path, more, message):
    with pytest.raises(UsageError, match=message):
        MAE.train(MAE.given(images, tmp_path / "run", **more))


def test_too_few_and_bad_images(images, tmp_path):
    (tmp_path / "one").mkdir()
    with pytest.raises(UsageError, match="holds 0 images; expected two or more"):
        MAE.train(MAE.given(tmp_path / "one", tmp_path / "run"))
    (images / "train/red/bad.png").write_bytes(b"none")
    with pytest.raises(DataError, match="1 bad file"):
        MAE.train(MAE.given(images, tmp_path / "run"))
    MAE.train(MAE.given(images, tmp_path / "run", skip_bad=True, epochs=1), QUIET)
    ran = dlcli("export", tmp_path / "run")
    assert ran.code == 2
    assert "mae" in ran.err
