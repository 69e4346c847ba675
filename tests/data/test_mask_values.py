"""What 255 means in a set of masks is decided by all of them."""

import numpy as np
import pytest
from PIL import Image

from dlcli.data.check import check_dataset
from dlcli.data.kinds import MASKS
from dlcli.data.mask_file import read_mask
from dlcli.data.mask_folders import read_mask_folders
from dlcli.data.masks import VOID
from dlcli.errors import DataError
from tests.data.sets import write_image, write_text


def masks(folder, *values):
    """A mask a tuple of values, a column each."""
    for number, row in enumerate(values):
        write_image(folder / "images" / f"{number:03}.jpg", len(row), 4)
        path = folder / "masks" / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.array([row] * 4, np.uint8)).save(path)
    return folder


def read(folder):
    data = read_mask_folders(folder)
    return data, [sorted(set(read_mask(item).ravel().tolist())) for item in data.items]


def test_the_foreground_may_come_late(tmp_path):
    data, found = read(masks(tmp_path, *[(0, 0)] * 25, (0, 255), (255, 255)))
    assert found == [[0]] * 25 + [[0, 1], [1]]
    assert data.notes == (f"{tmp_path}: 255, in 2 of 27 masks, is the foreground, as no mask holds 1",)


def test_gaps_between_values_that_nothing_names_are_said(tmp_path):
    data, found = read(masks(tmp_path, (0, 17), (17, 34)))
    assert found == [[0, 17], [17, 34]]
    assert "its masks hold 0, 17, 34, read as 35 classes" in data.notes[0]


def test_a_mask_that_was_saved_with_loss_is_refused(tmp_path):
    folder = masks(tmp_path, (0, 100))
    image = Image.fromarray(np.full((16, 16, 3), 100, np.uint8))
    image.save(folder / "masks" / "000.webp", quality=60)
    (folder / "masks" / "000.png").unlink()
    assert "got lossy WebP" in check_dataset(MASKS, read_mask_folders(folder))[0].message
    image.save(folder / "masks" / "000.webp", lossless=True)
    write_text(folder / "classes.txt", "".join(f"c{value}\n" for value in range(101)))
    write_image(folder / "images" / "000.jpg", 16, 16)
    assert check_dataset(MASKS, read_mask_folders(folder)) == ()


def test_a_tiff_of_jpegs_is_no_mask(tmp_path):
    folder = masks(tmp_path, (0, 100))
    Image.fromarray(np.full((16, 16), 100, np.uint8)).save(folder / "masks" / "000.tif", compression="jpeg")
    (folder / "masks" / "000.png").unlink()
    assert "got TIFF with JPEG" in check_dataset(MASKS, read_mask_folders(folder))[0].message


def test_beside_a_class_it_does_not_count(tmp_path):
    data, found = read(masks(tmp_path, *[(0, 255)] * 25, (0, 1, 255), (0, 1)))
    assert found == [[0, VOID]] * 25 + [[0, 1, VOID], [0, 1]]
    assert "marks pixels that do not count" in data.notes[0]


def test_two_ways_in_one_set_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"000\.png holds 0 and 255, and 001\.png 0 and 1"):
        read(masks(tmp_path, (0, 255), (0, 1)))


@pytest.mark.parametrize("labels", [("background", "raccoon"), ("background", "aeroplane", "bicycle")])
def test_values_without_names_are_not_a_models_classes(tmp_path, labels):
    masks(tmp_path, (0, 1))
    with pytest.raises(DataError, match="nothing names the values 0, 1 of its masks"):
        read_mask_folders(tmp_path, labels=labels)
    write_text(tmp_path / "classes.txt", "\n".join(labels))
    assert read_mask_folders(tmp_path, labels=labels).labels == labels


def test_a_mask_set_with_a_list_of_names_is_no_yolo_set(tmp_path):
    from dlcli.data.formats import format_of
    from dlcli.data.kinds import BOXES, MASKS

    write_text(masks(tmp_path, (0, 1)) / "classes.txt", "background\ncat\n")
    assert format_of(MASKS, tmp_path).name == "masks"
    with pytest.raises(DataError, match="found no boxes"):
        format_of(BOXES, tmp_path)


def test_a_mask_without_an_image_is_named(tmp_path):
    masks(tmp_path, (0, 1), (0, 1))
    (tmp_path / "images" / "001.jpg").unlink()
    data = read_mask_folders(tmp_path)
    assert [str(problem) for problem in data.problems] == [
        f"{tmp_path}/masks/001.png: is of no image: none of that name in {tmp_path}/images"
    ]
