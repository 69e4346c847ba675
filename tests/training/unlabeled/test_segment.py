"""`train segment --unlabeled`: both views show one window, a run goes on exactly, and what is refused."""

import signal
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from dlcli.errors import InterruptedRunError, UsageError
from dlcli.training import labeled
from dlcli.training.loaders import Draw
from dlcli.training.segment import recipe
from dlcli.training.segment.unlabeled import WindowViews
from dlcli.training.unlabeled.flags import Method
from tests.training.cases import SEGMENT, assert_same_run, rows
from tests.training.mask_sets import write_mask_squares
from tests.training.sets import square_image


@pytest.fixture
def sets(tmp_path, monkeypatch):
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)
    monkeypatch.setattr(recipe, "write_images", lambda *_: None)
    (tmp_path / "more").mkdir()
    for number in range(50, 53):
        Image.fromarray(square_image(number)[0]).save(tmp_path / f"more/{number}.png")
    return write_mask_squares(tmp_path / "in", 4, 1), tmp_path / "more"


def test_views_differ_by_color_alone(tmp_path):
    photo = np.zeros((80, 80, 3), np.uint8)
    photo[10:35, 20:70] = (200, 120, 60)
    Image.fromarray(photo).save(tmp_path / "a.png")
    views = WindowViews([tmp_path / "a.png"], 0, (0.5, 1.2))
    changed = 0
    for epoch in range(30):
        one, other, index = views[Draw(0, epoch, 64)]
        assert index == 0
        assert one.shape == (3, 64, 64)
        dark = [view.float().mean(0) < 30 for view in (one, other)]
        assert (dark[0] != dark[1]).float().mean() < 0.15  # blurred edges
        changed += not torch.equal(one, other)
    assert changed > 15
    assert torch.equal(views[Draw(0, 3, 64)][1], views[Draw(0, 3, 64)][1])


@pytest.mark.parametrize("method", [Method.PI_MODEL, Method.MEAN_TEACHER])
def test_a_run_goes_on_as_if_never_stopped(sets, tmp_path, method):
    data, more = sets
    whole, ours = (
        SEGMENT.given(data, tmp_path / name / "run", unlabeled=more, method=method) for name in ("whole", "stopped")
    )
    SEGMENT.train(whole)
    with pytest.raises(InterruptedRunError):
        SEGMENT.stop_at(3, signal.SIGINT, ours)
    SEGMENT.train(replace(ours, resume=True))
    assert_same_run(ours.out, whole.out)
    assert all(float(row["unlabeled"]) > 0 for row in rows(whole.out))


def test_a_memory_of_answers_is_refused(sets, tmp_path):
    data, more = sets
    options = SEGMENT.given(data, tmp_path / "run", unlabeled=more, method=Method.TEMPORAL_ENSEMBLING)
    with pytest.raises(UsageError, match="is of another window each time; pass --method mean-teacher or pi-model"):
        SEGMENT.train(options)
