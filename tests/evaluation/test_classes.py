"""The evaluation of a classifier against a plain loop, on images whose class is their color."""

import numpy as np
import pytest

from dlcli.card import ModelCard
from dlcli.data.classes import present_classes
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import CLASSES
from dlcli.errors import DataError
from dlcli.evaluation.class_plots import worst_images
from dlcli.evaluation.evaluate import evaluate, score_images
from dlcli.imaging.reader import read_image
from dlcli.metrics.classification import ClassificationMetric
from dlcli.records import Source
from dlcli.tasks.classify.options import ClassifyOptions
from dlcli.tasks.classify.predictor import ClassifyPredictor
from dlcli.tasks.classify.task import TASK
from tests.data.class_sets import image

CARD = ModelCard(
    *("colors", "classify", ("green", "red", "gray", "blue"), (4, 4), (0.0,) * 3, (255.0,) * 3),
    resize="stretch",
    decoding={"scores": "softmax", "wnids": ["n01", "n02", "n03", "n04"]},
)


def forward(tensor):
    """As much of a class as of its color; gray is what is left."""
    red, green, blue = tensor[0].mean((1, 2))
    return 9 * np.array([green, red, 0.3, blue], np.float32)


@pytest.fixture
def worker(monkeypatch):
    made = ClassifyPredictor(ClassifyOptions(), CARD, forward, "colors@sha256:0")
    monkeypatch.setattr("dlcli.tasks.classify.predictor.load", lambda *_: made)
    return made


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for label, channel in (("red", 0), ("green", 1)):
        for i in range(6):
            color = rng.integers(0, 60, 3)
            color[channel if i else 2] += 150  # the first one of each is blue
            image(tmp_path / "val" / label / f"{i}.png", tuple(color.tolist()))
    return tmp_path


@pytest.mark.parametrize("threads", [1, 3])
def test_equals_a_plain_loop(folder, worker, threads):
    seen = []
    done = evaluate(TASK, ClassifyOptions(), folder, "val", threads=threads, progress=lambda *step: seen.append(step))
    data = read_dataset(CLASSES, folder, "val", CARD.labels)
    metric = ClassificationMetric(present_classes(data))
    for item in data.items:
        metric.add(worker.classifier(read_image(Source.of_file(item.path)).pixels), item.target)
    slow = metric.value()
    assert (done.scores.top1, done.scores.top1_among) == (slow.top1, slow.top1_among)
    assert done.scores.top1 == 10 / 12
    assert np.array_equal(done.scores.ap, slow.ap)
    assert done.scores.confusion.tolist() == [[5, 0, 1], [0, 5, 1]]
    assert seen == [(i, 12) for i in range(1, 13)]
    assert (done.labels, done.model) == (CARD.labels, "colors@sha256:0")
    assert [image.item.path.name for image in worst_images(done, 5)] == ["0.png", "0.png"]
    assert all(CARD.labels[image.score.best] == "blue" for image in worst_images(done, 5))


@pytest.mark.parametrize(("names", "aliases"), [(("n02", "n01"), {}), (("rot", "n01"), {"rot": "red"})])
def test_classes_by_wordnet_ids_and_aliases(folder, worker, names, aliases):
    named = evaluate(TASK, ClassifyOptions(), folder, "val", threads=1).scores
    for name, other in zip(("red", "green"), names, strict=True):
        (folder / "val" / name).rename(folder / "val" / other)
    other = evaluate(TASK, ClassifyOptions(), folder, "val", aliases, 1).scores
    assert (other.top1, other.present.tolist()) == (named.top1, [0, 1])


def test_a_class_that_the_model_lacks_is_named(folder, worker):
    (folder / "val" / "red").rename(folder / "val" / "purple")
    with pytest.raises(DataError, match="purple"):
        evaluate(TASK, ClassifyOptions(), folder, "val")


def test_the_trained_chain_is_applied(folder, worker):
    before = evaluate(TASK, ClassifyOptions(), folder, "val", threads=1).images[0].score.value
    worker.pre = "gamma(3)"
    assert evaluate(TASK, ClassifyOptions(), folder, "val", threads=1).images[0].score.value != before


@pytest.mark.parametrize("content", [b"", b"text"])
def test_bad_files_are_named_or_left_out(folder, worker, content):
    (folder / "val" / "red" / "3.png").write_bytes(content)
    with pytest.raises(DataError, match=r"1 bad file\(s\)[^$]*3\.png"):
        evaluate(TASK, ClassifyOptions(), folder, "val")
    said: list[str] = []
    assert evaluate(TASK, ClassifyOptions(), folder, "val", say=said.append).scores.images == 11
    assert len(said) == 1
    assert "3.png" in said[0]


def test_damage_that_headers_hide_is_found_on_the_way(folder, worker):
    bad = folder / "val" / "red" / "3.png"
    bad.write_bytes(bad.read_bytes()[:-20])
    data = read_dataset(CLASSES, folder, "val", CARD.labels)
    with pytest.raises(DataError, match=r"3\.png.*--skip-bad"):
        score_images(CLASSES, worker.classifier, data)
    said: list[str] = []
    assert score_images(CLASSES, worker.classifier, data, threads=2, say=said.append).scores.images == 11
    assert len(said) == 1
