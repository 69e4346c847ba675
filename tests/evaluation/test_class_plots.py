"""The drawings of an evaluation: they are images, of the right things."""

import io

import numpy as np
import pytest
from PIL import Image

from dlcli.data.formats import read_dataset
from dlcli.data.kinds import CLASSES
from dlcli.errors import MissingError
from dlcli.evaluation.class_plots import draw_curves, worst_tiles, write_plots
from dlcli.evaluation.evaluate import Evaluation, score_images
from tests.data.class_sets import image

LABELS = tuple("abcdefghijklmnop")


def evaluation(folder, classes=3, wrong=True):
    for number, label in enumerate(LABELS[:classes]):
        for i in range(2):
            image(folder / label / f"{i}.png", (10 * number, 100 * i, 0))
    data = read_dataset(CLASSES, folder, None, LABELS)

    def classify(pixels):
        scores = np.full(len(LABELS), 0.01)
        scores[15 if wrong and pixels[0, 0, 1] else pixels[0, 0, 0] // 10] = 0.8
        return scores

    found = score_images(CLASSES, classify, data)
    return Evaluation(CLASSES, found.scores, LABELS, None, "m@sha256:0", found.metric, found.images, classify)


@pytest.mark.parametrize("classes", [1, 3, 15])
def test_files(tmp_path, classes):
    done = evaluation(tmp_path / "data", classes)
    written = write_plots(done, tmp_path / "plots" / "deep")
    assert [path.name for path in written] == ["confusion.png", "curves.png", "worst.png"]
    for path in written:
        with Image.open(path) as image:
            image.load()
            assert min(image.size) > 200


def test_all_right_has_no_worst_images(tmp_path):
    done = evaluation(tmp_path / "data", wrong=False)
    assert [path.name for path in write_plots(done, tmp_path)] == ["confusion.png", "curves.png"]


def test_words_of_the_worst(tmp_path):
    done = evaluation(tmp_path / "data")
    assert {tile.lines for tile in worst_tiles(done)} == {
        (f"{label}/1.png", f"is {label} 0.01", "got p 0.80") for label in "abc"
    }
    (tmp_path / "data" / "a" / "1.png").unlink()
    assert len(worst_tiles(done)) == 2


def test_curves_differ_where_scores_do(tmp_path):
    bad, good = (evaluation(tmp_path / str(wrong), wrong=wrong) for wrong in (True, False))
    images = [np.asarray(Image.open(io.BytesIO(draw_curves(done))).convert("L"), int) for done in (bad, good)]
    assert images[0].shape == images[1].shape
    assert (images[0] != images[1]).any()


def test_without_matplotlib(tmp_path, monkeypatch):
    done = evaluation(tmp_path / "data")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingError, match=r"install.*\[plot\]"):
        draw_curves(done)
