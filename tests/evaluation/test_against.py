"""Several models on the same images: differences in pairs, and intervals against a loop over the resamples."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from dlcli.card import read_card, write_card
from dlcli.data.dataset import ImageScore, Item
from dlcli.errors import DataError
from dlcli.evaluation.against import rivals
from dlcli.evaluation.evaluate import Evaluation, ScoredImage
from dlcli.metrics.bootstrap import draws
from dlcli.models import BUNDLED
from tests.data.sets import write_text
from tests.program import CAT, dlcli


@dataclass(frozen=True)
class Share:
    right: float


class Metric:
    """The share of images that are right."""

    def __init__(self, right):
        self.right = np.array(right, float)

    def value(self, times=None):
        times = np.ones(len(self.right)) if times is None else times
        return Share(float((self.right * times).sum() / times.sum()))


def evaluation(name, right, images=None):
    items = [ScoredImage(Item(Path(f"{n}.jpg"), ()), ImageScore()) for n in images or range(len(right))]
    metric = Metric(right)
    return Evaluation(None, metric.value(), (), None, name, metric, tuple(items), None)


def test_differences_are_resampled_in_pairs():
    rng = np.random.default_rng(0)
    first = rng.random(60) < 0.6
    second = first | (rng.random(60) < 0.1)  # right wherever the first is, and now and then besides
    one, two = rivals([evaluation("a", first), evaluation("b", second)], ["right"], 100, seed=4)
    assert one.more == {"right": 0.0}
    assert one.more_intervals == {"right": [0.0, 0.0]}
    assert two.more["right"] == pytest.approx((second.sum() - first.sum()) / 60, abs=1e-6)
    slow = [((second & ~first) * times).sum() / 60 for times in draws(60, 100, 4)]
    assert two.more_intervals["right"] == pytest.approx(np.quantile(slow, [0.025, 0.975]), abs=1e-6)
    low, high = two.more_intervals["right"]
    assert low >= 0
    assert high - low < two.intervals["right"][1] - two.intervals["right"][0]
    assert rivals([evaluation("a", first)], ["right"], 0)[0].to_dict().keys() == {"model", "right", "differences"}


def test_other_images_are_refused():
    with pytest.raises(DataError, match="b was scored on other images than a"):
        rivals([evaluation("a", [1, 0]), evaluation("b", [1, 0], [0, 2])], ["right"], 5)


def test_two_detectors_in_one_table(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images/cat.jpg").write_bytes(CAT.read_bytes())
    write_text(tmp_path / "labels/cat.txt", "0 0.5 0.5 0.8 0.9\n")
    write_text(tmp_path / "data.yaml", "names: [cat]\n")
    mine, other = BUNDLED / "coco.onnx", tmp_path / "other.onnx"
    other.write_bytes(write_card(mine.read_bytes(), replace(read_card(mine), name="other")))
    words = ("eval", "detect", tmp_path, "--split", "all", "--against", other, "--bootstrap", 10)
    ran = dlcli(*words)
    assert ran.code == 0, ran.err
    heads = [line for line in ran.lines if line.endswith("95 % of more")]
    assert heads[0].startswith("mAP50 ")
    rows = ran.lines[ran.lines.index(heads[0]) + 1 :][:2]
    assert [row.split("@")[0] for row in rows] == ["coco", "other"]
    assert dlcli("eval", "detect", tmp_path, "--split", "all", "--against", "nope").code == 4
