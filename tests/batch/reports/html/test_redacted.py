"""A page of a run that redacted shows nothing that the run made unrecognizable."""

import base64
import re
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

from dlcli.batch.reports.html.thumbnails import covered, thumbnail_of
from dlcli.imaging.drawing.redact import INK
from dlcli.ops.masks import rle_counts, rle_to_string

HOW = {"labels": ["person"], "style": "box", "padding": 0.0, "regions": 1}
AREA = (slice(10, 60), slice(20, 70))


def record(source, **found):
    return {"schema": "dlcli.detect/1", "source": str(source), "ok": True, "width": 90, "height": 80} | found


def boxed(source):
    boxes = [("person", [20, 10, 70, 60]), ("dog", [70, 60, 90, 80])]
    items = [{"label": label, "class_id": i, "score": 0.9, "box": box} for i, (label, box) in enumerate(boxes)]
    return record(source, detections=items, redacted=HOW)


def masked(source):
    mask = np.zeros((80, 90), bool)
    mask[AREA] = True
    rle = {"size": [80, 90], "counts": rle_to_string(rle_counts(mask))}
    classes = [{"label": "person", "class_id": 15, "share": 0.3, "rle": rle}]
    return record(source, classes=classes, redacted=HOW) | {"schema": "dlcli.segment/1"}


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.full((80, 90, 3), 220, np.uint8))
    return path


@pytest.mark.parametrize("make", [boxed, masked])
def test_the_thumbnail_is_covered_too(image, make):
    (data,) = re.fullmatch("data:image/jpeg;base64,(.+)", thumbnail_of(make(image)).uri).groups()
    shown = np.asarray(Image.open(BytesIO(base64.b64decode(data))), int)
    assert np.abs(shown[14:56, 24:66] - INK).max() < 40  # JPEG
    assert shown[70:, :20].min() > 200
    assert shown[66:, 76:].min() > 200  # the dog


def test_an_image_of_another_size_is_covered_whole(image):
    assert not covered(np.full((40, 40, 3), 220, np.uint8), boxed(image)).any()
