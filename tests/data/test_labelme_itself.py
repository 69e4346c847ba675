"""LabelMe's own reader takes our files, where it is installed: it wants Qt, so it has an environment of its own.

python -m venv V && V/bin/pip install labelme && LABELME_PYTHON=V/bin/python pytest tests/data/test_labelme_itself.py
"""

import json
import os
import subprocess

import numpy as np
import pytest
from PIL import Image

from dlcli.data.annotated import AnnotatedObject, annotated_item
from dlcli.data.labelme.writer import labelme_json
from tests.data.annotations import ODD_LABELS

PYTHON = os.environ.get("LABELME_PYTHON", "")
READ = """
import json, sys
from labelme import __version__
try:
    from labelme._label_file import LabelFile
except ImportError:
    from labelme.label_file import LabelFile
file = LabelFile(sys.argv[1])
keys = ("label", "points", "shape_type", "group_id", "flags", "other_data")
shapes = [{key: shape[key] for key in keys} for shape in file.shapes]
print(json.dumps({"version": __version__, "shapes": shapes, "path": file.imagePath, "bytes": len(file.imageData)}))
"""


@pytest.mark.skipif(not PYTHON, reason="LABELME_PYTHON does not name a Python with labelme")
def test_labelme_opens_our_file_and_the_image_beside_it(tmp_path):
    Image.new("RGB", (40, 30)).save(tmp_path / "é a.png")
    corners = np.array([[1.5, 2], [30, 2], [15, 28.25]])
    things = (
        *(AnnotatedObject(i, (i + 0.25, 2, 20 + i, 30), 0.5) for i in range(len(ODD_LABELS))),
        AnnotatedObject(0, (1.5, 2, 30, 28.25), difficult=True, polygons=(corners,)),
    )
    path = tmp_path / "é a.json"
    text = labelme_json(annotated_item("é a.png", 1, 40, 30, things), ODD_LABELS, "é a.png")
    path.write_text(text, encoding="utf-8")
    done = subprocess.run([PYTHON, "-c", READ, path], capture_output=True, text=True, check=True, timeout=120)
    read = json.loads(done.stdout.splitlines()[-1])
    assert [shape["label"] for shape in read["shapes"]] == [*ODD_LABELS, ODD_LABELS[0]]
    assert [shape["shape_type"] for shape in read["shapes"]] == [*["rectangle"] * len(ODD_LABELS), "polygon"]
    np.testing.assert_array_equal(read["shapes"][0]["points"], [[0.25, 2], [20, 30]])
    np.testing.assert_array_equal(read["shapes"][-1]["points"], corners)
    assert read["shapes"][-1]["flags"] == {"difficult": True}
    assert read["shapes"][0]["other_data"] == {"score": 0.5}
    assert (read["path"], read["bytes"] > 0) == ("é a.png", True)
