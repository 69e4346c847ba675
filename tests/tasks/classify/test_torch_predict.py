"""`--runtime torch` and ONNX Runtime say the same."""

import numpy as np
import pytest

from dlcli.errors import MissingError, UsageError
from dlcli.imaging.reader import read_image
from dlcli.models.store import BUNDLED
from dlcli.records import Source
from dlcli.tasks.classify.classifier import Classifier
from dlcli.tasks.network import onnx_forward
from dlcli.tasks.torch_predict import load_torch_forward
from tests.program import SAMPLES


@pytest.fixture(scope="module")
def both():
    card, forward = load_torch_forward(BUNDLED / "imagenet.safetensors", "classify", 1)
    return Classifier(card, forward), Classifier(card, onnx_forward(BUNDLED / "imagenet.onnx", ("logits",), 1, 1))


@pytest.mark.parametrize("name", ["cat.jpg", "coffee.jpg", "rocket.jpg"])
def test_the_same_classes_in_both_runtimes(both, name):
    pixels = read_image(Source.of_file(SAMPLES / name)).pixels
    theirs, ours = (classify(pixels) for classify in both)
    assert np.abs(theirs - ours).max() < 0.15  # eight bits against sixteen
    assert set(np.argsort(-theirs)[:2]) <= set(np.argsort(-ours)[:4])


def test_weights_of_another_task():
    with pytest.raises(UsageError, match="for classify, got one for detect"):
        load_torch_forward(BUNDLED / "coco.safetensors", "classify")


def test_a_run_without_weights(tmp_path):
    with pytest.raises(MissingError, match=r"config\.json"):
        load_torch_forward(tmp_path, "classify")
