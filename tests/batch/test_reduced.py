"""Large JPEGs are decoded as far as the network sees, unless all pixels are asked for."""

import json

import cv2
import numpy as np
import pytest

from tests.program import CAT, dlcli


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "cat.jpg"
    cv2.imwrite(str(path), cv2.resize(cv2.imread(str(CAT)), (3608, 2400), interpolation=cv2.INTER_CUBIC))
    return path


def record(*words) -> dict:
    ran = dlcli(*words, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.lines[0])


def test_a_box_is_in_pixels_of_the_whole_image(photo):
    found, whole = record("detect", photo), record("detect", photo, "--full-decode")
    assert (found["width"], found["height"]) == (3608, 2400)
    assert [d["label"] for d in found["detections"]] == [d["label"] for d in whole["detections"]] == ["cat"]
    (found,), (whole,) = found["detections"], whole["detections"]
    assert found["box"] != whole["box"]  # else nothing was reduced
    assert np.abs(np.subtract(found["box"], whole["box"])).max() < 0.01 * 3608
    assert abs(found["score"] - whole["score"]) < 0.02


def test_classes_are_those_of_the_whole_image(photo):
    found, whole = record("classify", photo, "--top", "3"), record("classify", photo, "--top", "3", "--full-decode")
    assert [c["label"] for c in found["classes"]] == [c["label"] for c in whole["classes"]]
    assert found["classes"] != whole["classes"]


@pytest.mark.parametrize("words", [("--tile",), ("--pre", "gamma(0.9)"), ("--save", "annotated"), ("--save", "crops")])
def test_what_wants_all_pixels_gets_them(photo, tmp_path, words):
    out = ("--out", tmp_path / "a") if "--save" in words else ()
    again = ("--out", tmp_path / "b") if "--save" in words else ()
    assert record("detect", photo, *words, *out) == record("detect", photo, *words, *again, "--full-decode")


def test_a_small_image_is_decoded_whole():
    assert record("detect", CAT) == record("detect", CAT, "--full-decode")
