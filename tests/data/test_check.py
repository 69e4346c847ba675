"""Every kind of bad image and bad box is named by its file, and can be left out."""

from dataclasses import replace

import numpy as np
import pytest

from dlcli.data.boxes import BoxSet
from dlcli.data.check import check_dataset
from dlcli.data.dataset import Problem
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.errors import DataError
from tests.data.sets import voc_object, voc_xml, write_image, write_text, write_voc


@pytest.fixture
def folder(tmp_path):
    return write_voc(tmp_path)


def messages(folder, **options):
    """The problems of the train split, as {file name: message}."""
    return {p.path.name: p.message for p in check_dataset(BOXES, read_dataset(BOXES, folder, "train"), **options)}


def test_a_good_set_has_no_problems(folder):
    seen = []
    dataset = read_dataset(BOXES, folder, "train")
    assert check_dataset(BOXES, dataset, progress=lambda done, total: seen.append((done, total))) == ()
    assert check_dataset(BOXES, dataset, decode=False, threads=1) == ()
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert dataset.without(()) == replace(dataset, problems=())


def test_a_missing_image(folder):
    (folder / "JPEGImages" / "b.jpg").unlink()
    assert "no such file" in messages(folder)["b.jpg"]
    assert "no such file" in messages(folder, decode=False)["b.jpg"]


def test_a_truncated_image_is_found_by_decoding_alone(folder):
    path = write_image(folder / "JPEGImages" / "a.jpg", 40, 30)
    path.write_bytes(path.read_bytes()[:-400])
    assert list(messages(folder)) == ["a.jpg"]
    assert messages(folder, decode=False) == {}


def test_text_named_as_an_image(folder):
    write_text(folder / "JPEGImages" / "a.jpg", "no image")
    assert list(messages(folder)) == ["a.jpg"]
    assert "not an image" in messages(folder, decode=False)["a.jpg"]


@pytest.mark.parametrize("decode", [True, False])
def test_a_size_that_is_not_the_annotated_one(folder, decode):
    write_image(folder / "JPEGImages" / "a.jpg", 41, 30)
    xml = folder / "Annotations" / "a.xml"
    assert messages(folder, decode=decode) == {"a.jpg": f"annotated as 40x30, the image is 41x30 (in {xml})"}


@pytest.mark.parametrize("decode", [True, False])
def test_sizes_are_those_of_the_upright_image(folder, decode):
    write_image(folder / "JPEGImages" / "a.jpg", 30, 40, orientation=8)  # upright: 40x30
    assert messages(folder, decode=decode) == {}
    write_image(folder / "JPEGImages" / "a.jpg", 40, 30, orientation=8)
    assert "turned by its EXIF tag, annotate it upright" in messages(folder, decode=decode)["a.jpg"]


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ((5, 5, 5, 9), "box 2 (cat; 5, 5, 5, 9): empty or inverted"),
        ((9, 5, 5, 9), "empty or inverted"),
        ((0, 0, 42, 30), "box 2 (cat; 0, 0, 42, 30): outside the image of 40x30"),
        ((-3, 0, 5, 5), "outside the image"),
        ((40, 0, 41, 5), "empty or inverted"),  # one pixel beyond, so clipped to nothing
    ],
)
def test_a_bad_box(folder, box, message):
    boxes = [voc_object("dog", 0, 0, 9, 9), voc_object("cat", *box)]
    write_text(folder / "Annotations" / "a.xml", voc_xml(40, 30, boxes))
    found = messages(folder)
    assert list(found) == ["a.jpg"]
    assert message in found["a.jpg"]
    assert str(folder / "Annotations" / "a.xml") in found["a.jpg"]


def test_swapped_sides_are_blamed_on_exif_only_where_it_turns_the_image(folder):
    write_text(folder / "Annotations" / "a.xml", voc_xml(30, 40, [voc_object("cat", 0, 0, 5, 5)]))
    assert "no EXIF tag turns the image" in messages(folder)["a.jpg"]
    write_image(folder / "JPEGImages" / "a.jpg", 30, 40, 6)
    assert "it is turned by its EXIF tag, annotate it upright" in messages(folder)["a.jpg"]


def test_parts_of_the_image_are_no_pixels(folder):
    write_text(folder / "Annotations" / "a.xml", voc_xml(40, 30, [voc_object("cat", -0.9, -0.9, 0.4, 0.5)]))
    assert "look like parts of the image" in messages(folder)["a.jpg"]
    write_text(folder / "Annotations" / "a.xml", voc_xml(40, 30, [voc_object("cat", 0, 0, 1, 1)]))
    assert "a.jpg" not in messages(folder)


def test_an_image_with_several_bad_boxes_is_named_once(folder):
    write_text(folder / "Annotations" / "a.xml", voc_xml(40, 30, [voc_object("dog", 0, 0, 99, 9)] * 3))
    assert ", and 2 more" in messages(folder)["a.jpg"]


def test_a_class_id_beyond_the_labels(folder):
    dataset = replace(read_dataset(BOXES, folder, "train"), labels=("cat", "dog"))
    assert [problem.path.name for problem in check_dataset(BOXES, dataset)] == ["b.jpg"]
    assert "box 1 (class 2; 4, 8, 12, 40): unknown class, expected 0 to 1" in check_dataset(BOXES, dataset)[0].message


def test_an_empty_set(folder):
    nothing = BoxSet("voc", (), (), source=folder)
    assert check_dataset(BOXES, nothing) == (Problem(folder, "holds no image that can be used"),)
    boxless = read_dataset(BOXES, folder, "train")
    boxless = replace(boxless, items=boxless.items[2:])
    assert check_dataset(BOXES, boxless) == (Problem(folder, "not one box in any of its images"),)


def test_the_readers_problems_come_first_and_images_can_be_left_out(folder):
    (folder / "JPEGImages" / "b.jpg").unlink()
    write_text(folder / "Annotations" / "c.xml", "<")
    dataset = read_dataset(BOXES, folder, "train")
    problems = check_dataset(BOXES, dataset)
    assert [problem.path.name for problem in problems] == ["c.xml", "b.jpg"]
    left = dataset.without(problems)
    assert [image.image_id for image in left.items] == ["a"]
    assert left.problems == ()
    assert check_dataset(BOXES, left) == ()
    with pytest.raises(DataError, match="not one of its images can be used"):
        left.without([Problem(left.items[0].path, "bad")])


def test_stopping_in_the_middle_does_not_wait_for_all(folder):
    dataset = read_dataset(BOXES, folder, "train")
    dataset = replace(dataset, items=dataset.items * 2000)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_dataset(BOXES, dataset, progress=stop)


def test_boxes_of_the_wrong_type_cannot_be_built(folder):
    boxes = read_dataset(BOXES, folder, "train").items[0].target
    with pytest.raises(ValueError, match="xyxy: expected float32"):
        replace(boxes, xyxy=boxes.xyxy.astype(np.float64))
