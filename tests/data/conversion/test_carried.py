"""Every field of a format comes back in a file of that format, and is counted where another has no place for it."""

import json
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlcli.data.conversion.run import Conversion, convert
from dlcli.errors import UsageError
from tests.data.sets import write_image, write_text

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9999) | st.floats(-9, 99, width=32) | st.text("abc é🐴", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("xyz", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
WORDS = st.text("abc é<&>\"'", min_size=1, max_size=6).map(str.strip).filter(bool)
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def again(folder, to, source="a", **more):
    """Convert within the same format."""
    target = folder / "b"
    convert(Conversion(folder / source, target, to, **more))
    return target


@st.composite
def coco(draw):
    def extras(*names):
        return {name: draw(ANYTHING) for name in names if draw(st.booleans())}

    keypoints = draw(st.lists(st.floats(0, 60, width=32), min_size=6, max_size=6))
    shape = draw(
        st.sampled_from(
            [
                [],
                [[10, 10, 40, 10, 40, 30.5]],
                {"size": [64, 96], "counts": [0, 64 * 96]},
                [[1, 1, 5, 1, 5, 5, 1, 5, 1, 1]],
            ]
        )
    )
    box = draw(st.sampled_from([[10, 10, 30, 20], [10.123456789, 9.9, 30.25, 20], [-0.25, 0, 96.5, 64]]))
    annotations = [
        {
            "id": 7 + 3 * n,
            "image_id": n % 2,
            "category_id": 3 + 5 * (n % 2),
            "bbox": box,
            "iscrowd": draw(st.integers(0, 1)),
        }
        | {"area": draw(st.floats(0, 999, width=32)), "segmentation": shape, "keypoints": keypoints, "num_keypoints": 2}
        | extras("attributes", "caption", "rotation", "track_id")
        for n in range(draw(st.integers(1, 4)))
    ]
    images = [
        {"id": n, "file_name": f"{n}.png", "width": 96, "height": 64} | extras("license", "date_captured", "tags")
        for n in range(2)
    ]
    categories = [
        {"id": 3, "name": "cat"} | extras("supercategory", "color"),
        {"id": 8, "name": "dog", "skeleton": [[1, 2]]},
    ]
    return {"images": images, "annotations": annotations, "categories": categories} | extras("info", "licenses")


@pytest.mark.parametrize("masks", [False, True])
@QUICK
@given(data=st.data())
def test_coco_to_coco(tmp_path_factory, masks, data):
    folder, content = tmp_path_factory.mktemp("coco"), data.draw(coco())
    if masks:
        content["annotations"] = [entry for entry in content["annotations"] if entry["segmentation"]]
    for image in content["images"]:
        write_image(folder / "a" / "images" / image["file_name"], 96, 64)
    write_text(folder / "a" / "instances.json", json.dumps(content))
    written = json.loads((again(folder, "coco", masks=masks) / "instances.json").read_text())
    by_id = {entry["id"]: entry for entry in written["annotations"]}
    assert [by_id[entry["id"]] for entry in content["annotations"]] == content["annotations"]
    assert written.keys() == content.keys()
    assert written["images"] == content["images"]
    assert written["categories"] == content["categories"]
    assert written.get("info") == content.get("info")


@QUICK
@given(data=st.data())
def test_voc_to_voc(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("voc")
    root = ElementTree.Element("annotation")
    for tag, text in (("folder", "x"), ("filename", "a.jpg"), ("segmented", "1")):
        ElementTree.SubElement(root, tag).text = text
    ElementTree.SubElement(ElementTree.SubElement(root, "source"), "database").text = data.draw(WORDS)
    size = ElementTree.SubElement(root, "size")
    for tag, text in (("width", "96"), ("height", "64"), ("depth", "1")):
        ElementTree.SubElement(size, tag).text = text
    for _ in range(data.draw(st.integers(1, 3))):
        thing = ElementTree.SubElement(root, "object")
        texts = {
            "name": "cat",
            "pose": data.draw(WORDS),
            "truncated": "1",
            "difficult": data.draw(st.sampled_from("01")),
        }
        for tag, text in texts.items():
            ElementTree.SubElement(thing, tag).text = text
        box = ElementTree.SubElement(thing, "bndbox")
        for side, value in (("xmin", "10.5"), ("ymin", "0"), ("xmax", "96"), ("ymax", "64.25")):
            ElementTree.SubElement(box, side).text = value
        ElementTree.SubElement(thing, "occluded").text = "1"
        for _ in range(data.draw(st.integers(0, 2))):
            ElementTree.SubElement(ElementTree.SubElement(thing, "part"), "name").text = data.draw(WORDS)
    write_image(folder / "a" / "JPEGImages" / "a.jpg", 96, 64)
    write_text(folder / "a" / "Annotations" / "a.xml", ElementTree.tostring(root, encoding="unicode"))
    written = ElementTree.parse(again(folder, "voc") / "Annotations" / "a.xml").getroot()
    assert leaves(written) == leaves(root)


def leaves(element, above=""):
    """Path and text of each element without children, sorted."""
    place = f"{above}/{element.tag}"
    if not len(element):
        return [(place, (element.text or "").strip())]
    return sorted(leaf for child in element for leaf in leaves(child, place))


SHAPES = [
    {"points": [[10, 10], [40, 30]], "shape_type": "rectangle"},
    {"points": [[10, 10], [40, 10], [40, 30], [10, 30]], "shape_type": "rectangle"},
    {"points": [[10.5, 10], [40, 10], [40, 30]], "shape_type": "polygon"},
    {"points": [[20, 20], [25, 20]], "shape_type": "circle"},
]


@QUICK
@given(data=st.data())
def test_labelme_to_labelme(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("labelme")
    more = st.fixed_dictionaries(
        {"description": WORDS, "flags": st.dictionaries(WORDS, st.booleans()), "extra": ANYTHING}
    )
    shapes = [
        {
            "label": data.draw(st.sampled_from(["cat", "dog", "__ignore__"])),
            "group_id": data.draw(st.none() | st.integers(0, 2)),
        }
        | data.draw(st.sampled_from(SHAPES))
        | data.draw(more)
        for _ in range(data.draw(st.integers(1, 4)))
    ]
    head = {"version": "4.0", "flags": {"night": True}, "imageData": "abc", "author": data.draw(ANYTHING)}
    content = head | {"shapes": shapes, "imagePath": "a.jpg", "imageWidth": 96, "imageHeight": 64}
    write_image(folder / "a" / "a.jpg", 96, 64)
    write_text(folder / "a" / "a.json", json.dumps(content))
    write_text(folder / "a" / "labels.txt", "cat\ndog\n")
    written = json.loads((again(folder, "labelme") / "a.json").read_text())
    assert sorted(map(json.dumps, written.pop("shapes"))) == sorted(map(json.dumps, content.pop("shapes")))
    assert written == content


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        ("names: [cat]\nkpt_shape: [2, 3]\nflip_idx: [1, 0]\n", "0 0.26 0.3125 0.3 0.3 0.1 0.2 2 0.3 0.4 1\n"),
        ("names: [cat]\n", "0 0.2604170 0.3125 0.3 0.3 17\n0 0.5 0.5 0.3 0.3 4\n"),
        ("names: [cat]\n", "0 0.1 0.1 0.5 0.123456789 0.7 0.9\n"),
        ("names: [cat]\n", "0 0.26 0.3125 0.3 0.3 0.5\n"),
    ],
)
def test_yolo_to_yolo(tmp_path, names, lines):
    write_image(tmp_path / "a" / "images" / "a.jpg", 96, 64)
    write_text(tmp_path / "a" / "labels" / "a.txt", lines)
    write_text(tmp_path / "a" / "data.yaml", names)
    target = again(tmp_path, "yolo")
    assert (target / "labels" / "a.txt").read_text() == lines
    assert [line for line in names.splitlines()[1:] if line not in (target / "data.yaml").read_text()] == []


def one_coco(folder, **more):
    write_image(folder / "a" / "images" / "a.png", 96, 64)
    entry = {"id": 5, "image_id": 1, "category_id": 1, "bbox": [10, 10, 30, 20], "area": 600} | more
    image = {"id": 1, "file_name": "a.png", "width": 96, "height": 64}
    content = {
        "images": [image],
        "annotations": [entry],
        "categories": [{"id": 1, "name": "cat", "supercategory": "pet"}],
    }
    write_text(folder / "a" / "instances.json", json.dumps(content))


@pytest.mark.parametrize("to", ["yolo", "voc", "labelme", "jsonl"])
@pytest.mark.parametrize(
    ("more", "lost"),
    [
        ({"keypoints": [1, 2, 2]}, "boxes that lose their `keypoints`: 1"),
        ({"attributes": {"rotation": 30.0}}, "boxes that lose their `attributes.rotation`: 1"),
        ({"area": 123.5}, "boxes that lose their `area`: 1"),
        ({"track": 4}, "boxes that lose their `track`: 1"),
    ],
)
def test_what_another_format_has_no_place_for_is_counted(tmp_path, to, more, lost):
    one_coco(tmp_path, **more)
    with pytest.raises(UsageError, match="--allow-loss") as error:
        convert(Conversion(tmp_path / "a", tmp_path / "b", to))
    assert lost in str(error.value)
    assert lost in convert(Conversion(tmp_path / "a", tmp_path / "b", to, allow_loss=True)).lost


@pytest.mark.parametrize("to", ["yolo", "voc", "labelme"])
def test_what_ids_json_keeps_comes_back(tmp_path, to):
    one_coco(tmp_path)
    convert(Conversion(tmp_path / "a", tmp_path / "b", to))
    convert(Conversion(tmp_path / "b", tmp_path / "c", "coco"))
    content = json.loads((tmp_path / "c" / "instances.json").read_text())
    assert content["categories"] == [{"id": 1, "name": "cat", "supercategory": "pet"}]
    assert content["annotations"][0]["id"] == 5


def test_marks_of_voc_and_labelme_are_counted(tmp_path):
    write_image(tmp_path / "v" / "JPEGImages" / "a.jpg", 96, 64)
    box = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>"
    thing = (
        f"<object><name>cat</name><pose>Left</pose><truncated>1</truncated>{box}<part><name>head</name></part></object>"
    )
    write_text(tmp_path / "v" / "Annotations" / "a.xml", f"<annotation>{thing}</annotation>")
    with pytest.raises(UsageError) as error:
        convert(Conversion(tmp_path / "v", tmp_path / "b", "coco"))
    for name in ("pose", "truncated", "part"):
        assert f"boxes that lose their `{name}`: 1" in str(error.value)
    shape = SHAPES[0] | {"label": "cat", "group_id": 2, "description": "x", "flags": {"wet": True, "dry": False}}
    write_image(tmp_path / "l" / "a.jpg", 96, 64)
    write_text(tmp_path / "l" / "a.json", json.dumps({"shapes": [shape], "imagePath": "a.jpg"}))
    with pytest.raises(UsageError) as error:
        convert(Conversion(tmp_path / "l", tmp_path / "b", "yolo"))
    for name in ("group_id", "description", "flags.wet"):
        assert f"boxes that lose their `{name}`: 1" in str(error.value)
