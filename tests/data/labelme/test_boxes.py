"""LabelMe's files, as people have them and as our writer makes them."""

import json

import numpy as np
import pytest
import supervision
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dlcli.data.annotated import AnnotatedObject, annotated_item
from dlcli.data.check import check_dataset
from dlcli.data.formats import dataset_splits, read_dataset
from dlcli.data.kinds import BOXES
from dlcli.data.labelme.boxes import labelme_splits, read_labelme
from dlcli.data.labelme.masks import read_labelme_masks
from dlcli.data.labelme.writer import labelme_json
from dlcli.errors import DataError
from tests.data.annotations import ODD_LABELS, images, labels, tuples
from tests.data.sets import IMAGES, LABELS, assert_is_the_set, write_image

RECTANGLE = {"label": "cat", "points": [[2, 3], [12, 9]], "shape_type": "rectangle", "flags": {}, "group_id": None}


def write(path, shapes, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    head = {"version": "4.5.6", "flags": {}, "shapes": shapes, "imagePath": f"{path.stem}.jpg", "imageData": None}
    path.write_text(json.dumps(head | {"imageHeight": 30, "imageWidth": 40} | more))
    return path


def write_set(folder):
    for name, (width, height, boxes) in IMAGES.items():
        write_image(folder / f"{name}.jpg", width, height)
        shapes = [RECTANGLE | {"label": label, "points": [[x2, y1], [x1, y2]]} for label, x1, y1, x2, y2 in boxes]
        write(folder / f"{name}.json", shapes, imageHeight=height, imageWidth=width)
    return folder


def only(path):
    dataset = read_labelme(path)
    assert dataset.problems == ()
    return dataset.items[0]


def test_the_set_is_found_by_looking(tmp_path):
    assert_is_the_set(read_dataset(BOXES, write_set(tmp_path), None))
    assert check_dataset(BOXES, read_dataset(BOXES, tmp_path, "all")) == ()
    assert read_dataset(BOXES, tmp_path / "a.json", None).labels == ("cat", "dog")


@pytest.mark.parametrize("word", ["annotations", "shapes", "images"])
def test_a_class_or_flag_with_the_name_of_a_key(tmp_path, word):
    write(tmp_path / "a.json", [RECTANGLE | {"label": word, "flags": {word: True}}], flags={word: False})
    dataset = read_dataset(BOXES, tmp_path, None)
    assert (dataset.format, dataset.labels, len(dataset.items)) == ("labelme", (word,), 1)


def test_folders_are_splits_and_labels_txt_has_the_order(tmp_path):
    write_set(tmp_path / "train")
    write_set(tmp_path / "val")
    (tmp_path / "labels.txt").write_text("__ignore__\n_background_\nowl\ndog\ncat\n")
    assert dataset_splits(BOXES, tmp_path) == ["train", "val"] == labelme_splits(tmp_path)
    assert_is_the_set(read_dataset(BOXES, tmp_path, "val"), ("owl", "dog", "cat"))
    assert len(read_dataset(BOXES, tmp_path, None).items) == 6
    with pytest.raises(DataError, match=r"no split 'test'.*found train, val"):
        read_dataset(BOXES, tmp_path, "test")


def test_classes_are_those_of_the_whole_folder_whatever_the_split(tmp_path):
    write(tmp_path / "train" / "a.json", [RECTANGLE])
    write(tmp_path / "val" / "b.json", [RECTANGLE | {"label": "ant"}])
    assert read_labelme(tmp_path, "train").labels == ("ant", "cat")


@pytest.mark.parametrize(
    ("shape", "box"),
    [
        (RECTANGLE, (2, 3, 12, 9)),
        ({"shape_type": "polygon", "points": [[1, 2], [9, 4], [5, 20]]}, (1, 2, 9, 20)),
        ({"points": [[1, 2], [9, 4], [5, 20]]}, (1, 2, 9, 20)),  # old files say nothing of the kind
        ({"shape_type": "circle", "points": [[10, 12], [13, 16]]}, (5, 7, 15, 17)),
    ],
)
def test_shapes_that_have_a_box(tmp_path, shape, box):
    image = only(write(tmp_path / "a.json", [{"label": "cat"} | shape]))
    assert image.target.xyxy.tolist() == [list(box)]
    assert image.target.outlines == (shape is not RECTANGLE)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"shape_type": "point", "points": [[1, 2]]}, "shape 2: expected a rectangle, polygon, circle or mask, got 'p"),
        ({"shape_type": "line", "points": [[1, 2], [3, 4]]}, "got 'line' of 2 points"),
        ({"shape_type": "polygon", "points": [[1, 2], [3, 4]]}, "got 'polygon' of 2 points"),
        ({"shape_type": "rectangle", "points": []}, "of 0 points"),
        ({"shape_type": "rectangle", "points": [[1, "x"], [3, 4]]}, "expected a number of pixels, got 'x'"),
        ({"shape_type": "rectangle", "points": [1, 2]}, "expected points"),
        ({"shape_type": "rectangle"}, "got None"),
        ({"shape_type": "mask", "points": [[1, 2], [9, 4]], "mask": "iVBORw0"}, "mask: expected a PNG in base64"),
        ({"label": 3}, "unknown class 3"),
        ("words", "shape 2: expected an object"),
    ],
)
def test_a_faulty_shape_is_a_problem_of_its_file(tmp_path, shape, message):
    shape = {"label": "cat"} | shape if isinstance(shape, dict) else shape
    path = write(tmp_path / "a.json", [RECTANGLE, shape])
    write(tmp_path / "b.json", [RECTANGLE])
    dataset = read_labelme(tmp_path)
    assert [image.image_id for image in dataset.items] == ["b"]
    (problem,) = dataset.problems
    assert problem.path == path
    assert message in problem.message


@pytest.mark.parametrize("text", ['{"shapes": 3}', '{"shapes": [', '["shapes"]', '"shapes"'])
def test_a_damaged_file_is_a_problem(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    dataset = read_labelme(tmp_path)
    assert len(dataset.problems) == 1
    assert dataset.items == ()


def test_where_the_image_lies(tmp_path):
    there = write_image(tmp_path / "images" / "a.jpg", 40, 30)
    path = write(tmp_path / "json" / "a.json", [RECTANGLE], imagePath="..\\images\\a.jpg", imageWidth=None)
    image = only(path)
    assert image.path.samefile(there)
    assert (image.width, image.height) == (40, 30)
    (problem,) = read_labelme(write(tmp_path / "b.json", [], imagePath=None)).problems
    assert "imagePath" in problem.message


@given(st.data())
def test_our_reader_gives_what_was_written(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "a.json"
    names = data.draw(labels)
    image = data.draw(images(len(names), scored=data.draw(st.booleans())))
    path.write_text(labelme_json(image, names, "a.png"), encoding="utf-8")
    (found,) = read_labelme(path, labels=names).items
    wanted = [(thing.xyxy, thing.class_id, thing.difficult) for thing in image.target]
    for (box, class_id, ignore), (wanted_box, *rest) in zip(tuples(found), wanted, strict=True):
        np.testing.assert_allclose(box, wanted_box, atol=1e-3)
        assert [class_id, ignore] == rest
    assert (found.width, found.height, found.name) == (image.width, image.height, "a.png")


def test_flags_and_groups():
    parts = (np.array([[0, 0], [4, 0], [4, 4]]), np.array([[8, 8], [9, 8], [9, 9]]))
    things = (AnnotatedObject(0, (0, 0, 9, 9), crowd=True, polygons=parts), AnnotatedObject(0, (1, 1, 2, 2), 0.5))
    shapes = json.loads(labelme_json(annotated_item("a.png", 1, 9, 9, things), ["x"], "a.png"))["shapes"]
    assert [shape["shape_type"] for shape in shapes] == ["polygon", "polygon", "rectangle"]
    assert [shape["group_id"] for shape in shapes] == [0, 0, None]
    assert [shape["flags"] for shape in shapes] == [{"crowd": True}, {"crowd": True}, {}]
    assert [shape.get("score") for shape in shapes] == [None, None, 0.5]


@pytest.mark.skipif(not hasattr(supervision.DetectionDataset, "from_labelme"), reason="an older supervision")
def test_supervision_reads_our_files(tmp_path):
    for folder in ("images", "json"):
        (tmp_path / folder).mkdir()
    Image.new("RGB", (40, 30)).save(tmp_path / "images/a.png")
    things = tuple(AnnotatedObject(i, (i + 0.5, 2, 20 + i, 30)) for i in range(len(ODD_LABELS)))
    text = labelme_json(annotated_item("a.png", 1, 40, 30, things), ODD_LABELS, "a.png")
    (tmp_path / "json/a.json").write_text(text, encoding="utf-8")
    read = supervision.DetectionDataset.from_labelme(str(tmp_path / "images"), str(tmp_path / "json"))
    (found,) = read.annotations.values()
    np.testing.assert_allclose(found.xyxy, [thing.xyxy for thing in things])
    assert [read.classes[i] for i in found.class_id] == list(ODD_LABELS)


def test_a_yolo_folder_with_labelme_files_is_yolo(tmp_path):
    from tests.data.sets import write_yolo

    write_yolo(tmp_path / "images", tmp_path / "labels")
    (tmp_path / "classes.txt").write_text("\n".join(LABELS))
    write(tmp_path / "images" / "a.json", [RECTANGLE])
    assert read_dataset(BOXES, tmp_path, None).format == "yolo"


@pytest.mark.parametrize("stated", ["/home/me/a.jpg", "C:\\me\\a.jpg", "../images/a.jpg", "..\\images\\a.jpg"])
def test_a_path_of_another_machine_is_the_image_beside(tmp_path, stated):
    write_image(tmp_path / "a.jpg", 40, 30)
    item = only(write(tmp_path / "a.json", [RECTANGLE], imagePath=stated).parent)
    assert item.path == tmp_path / "a.jpg"
    assert check_dataset(BOXES, read_labelme(tmp_path)) == ()


def test_an_image_of_another_name_is_not_taken(tmp_path):
    write_image(tmp_path / "a.jpg", 40, 30)
    write(tmp_path / "a.json", [RECTANGLE], imagePath="/home/me/b.jpg")
    (problem,) = check_dataset(BOXES, read_labelme(tmp_path))
    assert problem.message.startswith("no such file")


@pytest.mark.parametrize("read", [read_labelme, read_labelme_masks])
def test_two_files_of_one_image_are_named_and_leave_it_out(tmp_path, read):
    for name in ("a", "b"):
        write_image(tmp_path / f"{name}.jpg", 40, 30)
        write(tmp_path / f"{name}.json", [RECTANGLE])
    write(tmp_path / "a (copy).json", [RECTANGLE], imagePath="a.jpg")
    data = read(tmp_path)
    assert [item.path.name for item in data.items] == ["b.jpg"]
    (problem,) = data.problems
    assert problem.image == tmp_path / "a.jpg"
    assert problem.message == "is not the only one of a.jpg: a (copy).json, a.json; join them"
