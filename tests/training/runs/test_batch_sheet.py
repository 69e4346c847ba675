"""RUN/batch.png: the first batch's own images, without a move of any random number; none of batches of another kind."""

import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from dlcli.imaging.drawing.contact_sheet import Tile
from dlcli.training.loaders import LabeledBatches
from dlcli.training.runs.batch_sheet import BATCH, COLUMNS, write_batch
from tests.program import ROOT, SAMPLES, dlcli

OPTIONS = SimpleNamespace(seed=3, batch=6, size=8, start_size=0, epochs=4)


class Grays:
    def shown(self, draw):
        return Tile(np.full((200, 200, 3), 20 * draw.index, np.uint8), (str(draw.index),))


def test_it_shows_the_first_batch_in_order(tmp_path):
    batches = LabeledBatches(OPTIONS, Grays(), np.ones(10))
    write_batch(batches, tmp_path)
    sheet = np.array(Image.open(tmp_path / BATCH).convert("L")).astype(int)
    wanted = [20 * draw.index for draw in batches.draws(0)[:6]]
    step = (sheet.shape[1] - 12) // COLUMNS
    rows = (len(wanted) + COLUMNS - 1) // COLUMNS
    height = (sheet.shape[0] - 2 * 12 - 19) // rows
    middles = [(43 + height * (i // COLUMNS) + 100, 12 + step * (i % COLUMNS) + 100) for i in range(len(wanted))]
    assert [sheet[place] for place in middles] == wanted


def test_no_random_number_moves(tmp_path):
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    write_batch(LabeledBatches(OPTIONS, Grays(), np.ones(10)), tmp_path)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()
    assert random.getstate() == before[2]


def test_batches_of_another_kind_have_none(tmp_path):
    write_batch(SimpleNamespace(size=2), tmp_path)
    assert not (tmp_path / BATCH).exists()


@pytest.mark.parametrize(
    ("task", "data"), [("detect", SAMPLES / "shapes"), ("segment", SAMPLES / "shapes"), ("classify", "shapes.csv")]
)
def test_each_training_on_labels_writes_it(task, data, tmp_path):
    words = ("--epochs", "1", "--size", "64", "--batch", "8", "--workers", "0", "--threads", "1", "-q")
    ran = dlcli("train", task, SAMPLES / data, "--out", tmp_path / "run", *words, cwd=ROOT)
    assert ran.code == 0, ran.err
    with Image.open(tmp_path / "run" / BATCH) as sheet:
        assert len(sheet.convert("RGB").getcolors(1 << 20)) > 1000
