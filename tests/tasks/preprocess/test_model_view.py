"""`--for MODEL` against what the detector itself feeds its network, and the way back against Placement."""

import json

import numpy as np
import pytest
from PIL import Image

from dlcli.imaging.geometry import Placement
from dlcli.imaging.reader import read_image
from dlcli.imaging.steps.chain import apply_steps, parse_steps
from dlcli.models.store import find_model
from dlcli.records import Source
from dlcli.tasks.detect.detector import to_input
from tests.program import CAT, SAMPLES
from tests.tasks.preprocess.running import preprocess, records

VOC = find_model("coco", "detect")
IMAGES = (CAT, SAMPLES / "rocket.jpg", SAMPLES / "broken" / "exif-turned.jpg", SAMPLES / "broken" / "sixteen-bit.png")


def seen(card, pixels) -> np.ndarray:
    """uint8 [h, w, 3]: the network's tensor with mean and deviation put back."""
    tensor, _ = to_input(card, pixels)  # [1, 3, h, w]
    planes = tensor[0].astype(np.float64).transpose(1, 2, 0) * card.std + card.mean  # [h, w, 3]
    assert np.abs(planes - np.rint(planes)).max() < 1e-3
    return np.rint(planes).astype(np.uint8)


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.name)
def test_it_is_what_the_network_gets(tmp_path, image):
    ran = preprocess(image, "--for", "coco", "--out", tmp_path, "--json")
    (record,) = records(ran)
    written = np.asarray(Image.open(tmp_path / record["outputs"][0]))
    upright = read_image(Source.of_file(image)).pixels
    np.testing.assert_array_equal(written, seen(VOC.card, upright))
    assert record["model"] == VOC.id
    assert record["size"] == list(VOC.card.input)
    assert record["bits"] == 8
    assert ran.reported == ["1 image: 1 file written"]


def test_a_chain_given_takes_the_place_of_the_models_own(tmp_path):
    ran = preprocess(CAT, "--for", "coco", "--resize", "100x300", "--gamma", 0.5, "--out", tmp_path, "--json")
    (record,) = records(ran)
    moved, _ = apply_steps(read_image(Source.of_file(CAT)).pixels, parse_steps("gamma(0.5) | resize(100,300)"))
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "cat.png")), seen(VOC.card, moved))
    there = record["placement"]
    box = np.array([[0, 0, record["width"], record["height"]]])
    corners = box * ([there["sx"], there["sy"]] * 2) + [there["dx"], there["dy"]] * 2
    assert 0 <= corners.min() <= corners.max() <= 320  # all of the source is in what the model sees


@pytest.mark.parametrize("more", [[], ["--pre", "letterbox(300,200) | resize(77,91)"], ["--pre", "letterbox(64)"]])
@pytest.mark.parametrize("model", [["--for", "coco"], []])
def test_the_way_back(tmp_path, more, model):
    """x_source = (x - dx) / sx, as Placement has it."""
    if not model and not more:
        more = ["--format", "png"]
    ran = preprocess(CAT, *model, *more, "--out", tmp_path, "--json")
    (record,) = records(ran)
    there = json.loads(json.dumps(record["placement"]))
    width, height = record["width"], record["height"]
    placement = Placement(there["sx"], there["sy"], there["dx"], there["dy"], width, height)
    boxes = np.random.default_rng(0).uniform(0, 1, (50, 4)) * [width, height, width, height]
    placed = placement.to_placed(boxes).astype(float)
    back = (placed - [there["dx"], there["dy"]] * 2) / ([there["sx"], there["sy"]] * 2)
    np.testing.assert_allclose(back, boxes, atol=1e-3)
    np.testing.assert_allclose(placement.to_source(placed), boxes, atol=1e-2)
    image = np.asarray(Image.open(tmp_path / record["outputs"][0]))
    middle = np.array([[width / 2 - 20, height / 2 - 20, width / 2 + 20, height / 2 + 20]])
    x1, y1, x2, y2 = placement.to_placed(middle)[0].round().astype(int)
    source = read_image(Source.of_file(CAT)).pixels
    patch = source[height // 2 - 20 : height // 2 + 20, width // 2 - 20 : width // 2 + 20]
    assert np.abs(image[y1:y2, x1:x2].mean((0, 1)) - patch.mean((0, 1))).max() < 12  # the same piece of the cat


def test_no_such_model(tmp_path):
    ran = preprocess(CAT, "--for", "nope", "--out", tmp_path / "o")
    assert ran.code == 4
    assert "nope" in ran.err
    assert not (tmp_path / "o").exists()
