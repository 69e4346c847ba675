"""COCO sets for the tests of conversions: odd names, ids that leave numbers out, every kind of mark."""

import json
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from dlcli.ops.masks import rle_counts, rle_to_string
from tests.data.annotations import SAFE, boxes, labels

STEMS = st.text(SAFE.filter(lambda c: c not in "/"), min_size=1, max_size=10).filter(
    lambda name: name == name.strip() and not name.startswith(".")
)


@st.composite
def coco_sets(draw, whole: bool, marks: bool):
    """A COCO file's content. whole: boxes in whole pixels. marks: some are difficult."""
    names = draw(labels)
    ids = draw(st.lists(st.integers(1, 999), min_size=len(names), max_size=len(names), unique=True))
    stems = draw(st.lists(STEMS, min_size=1, max_size=3, unique_by=str.casefold))
    image_ids = draw(st.lists(st.integers(0, 9999), min_size=len(stems), max_size=len(stems), unique=True))
    images, annotations = [], []
    for stem, image_id in zip(stems, image_ids, strict=True):
        width, height = draw(st.integers(2, 60)), draw(st.integers(2, 60))
        images.append({"id": image_id, "file_name": f"{stem}.png", "width": width, "height": height})
        for _ in range(draw(st.integers(0, 3))):
            x1, y1, x2, y2 = draw(boxes(width, height, whole))
            entry = {"id": len(annotations) + 1, "image_id": image_id, "category_id": draw(st.sampled_from(ids))}
            entry |= {"bbox": [x1, y1, x2 - x1, y2 - y1], "area": (x2 - x1) * (y2 - y1), "iscrowd": 0}
            annotations.append(entry | ({"ignore": 1} if marks and draw(st.booleans()) else {}))
    categories = [{"id": number, "name": name} for number, name in zip(ids, names, strict=True)]
    return {"images": images, "annotations": annotations, "categories": categories}


def write(folder: Path, content, split: str = "") -> Path:
    """The set with its images, as `dlcli convert` finds it."""
    for image in content["images"]:
        path = folder / "images" / split / image["file_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (image["width"], image["height"])).save(path)
    file = folder / (f"annotations/instances_{split}.json" if split else "instances.json")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), encoding="utf-8")
    return folder


def assert_same(folder: Path, other: Path, file: str = "instances.json") -> None:
    """What must survive a round trip, whatever the order of images: ids, names, sizes, marks; boxes within 0.0001."""
    sides = []
    for place in (folder, other):
        content = json.loads((place / file).read_text(encoding="utf-8"))
        things = sorted(content["annotations"], key=lambda entry: entry["image_id"])  # stable: their order is kept
        marks = [[entry.get(key, 0) for key in ("image_id", "category_id", "ignore", "iscrowd")] for entry in things]
        images = sorted((i["id"], i["file_name"], i["width"], i["height"]) for i in content["images"])
        categories = sorted((c["id"], c["name"]) for c in content["categories"])
        sides.append((images, categories, marks, np.array([entry["bbox"] for entry in things])))
    assert sides[0][:3] == sides[1][:3]
    np.testing.assert_allclose(sides[0][3], sides[1][3], atol=1e-4)


def simple(**more):
    """Two images, a tree, three categories of which one is not used, and what `more` says of the first box."""
    images = [
        {"id": 70, "file_name": "deep/a b.png", "width": 40, "height": 30},
        {"id": 7, "file_name": "c.png", "width": 20, "height": 20},
    ]
    box = {"id": 1, "image_id": 70, "category_id": 9, "bbox": [2, 3, 10, 12], "area": 120, "iscrowd": 0} | more
    other = {"id": 2, "image_id": 70, "category_id": 4, "bbox": [0, 0, 40, 30], "area": 1200, "iscrowd": 0}
    categories = [{"id": 9, "name": "owl"}, {"id": 4, "name": "cat"}, {"id": 30, "name": "ant"}]
    return {"images": images, "annotations": [box, other], "categories": categories}


def outlined():
    """A polygon within pixels, one on their edges with a second part, and a crowd in run lengths with a hole."""
    mask = np.zeros((30, 40), bool)
    mask[10:20, 22:36] = True
    mask[12:15, 25:30] = False
    content = simple(segmentation=[[2, 3, 12, 3, 12, 15, 2, 15]])
    content["annotations"][0] |= {
        "bbox": [2, 3, 10, 15],
        "segmentation": [[2, 3, 12, 3, 12, 9, 2, 9], [2, 12, 5, 12, 5, 18, 2, 18]],
    }
    content["annotations"][1] |= {"segmentation": [[14.5, 2, 30, 2.5, 20, 9]], "bbox": [14.5, 2, 15.5, 7]}
    run_lengths = {"size": [30, 40], "counts": rle_to_string(rle_counts(mask))}
    crowd = {"id": 3, "image_id": 70, "category_id": 4, "bbox": [22, 10, 14, 10], "iscrowd": 1, "area": int(mask.sum())}
    content["annotations"].append(crowd | {"segmentation": run_lengths})
    return content
