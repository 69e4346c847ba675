"""What is wrong with a set of masks is named file by file."""

import numpy as np
import pytest
from PIL import Image

from dlcli.data.check import check_dataset
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import MASKS
from dlcli.errors import DataError
from tests.data.masks import A, save_gray, save_image, save_index, write_masks


def problems(place, decode=False):
    return [str(problem) for problem in check_dataset(MASKS, read_dataset(MASKS, place, "all"), decode)]


def test_a_sound_set_has_none(tmp_path):
    assert problems(write_masks(tmp_path), decode=True) == []


def test_a_mask_of_another_size(tmp_path):
    place = write_masks(tmp_path)
    save_index(place / "masks" / "a.png", A[:20])
    image = place / "images" / "a.jpg"
    assert problems(place) == [f"{place / 'masks' / 'a.png'}: the mask is 40x20, its image {image} is 40x30"]


def test_an_image_turned_by_its_exif_tag(tmp_path):
    place = write_masks(tmp_path)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.zeros((30, 40, 3), np.uint8)).save(place / "images" / "a.jpg", exif=exif)
    assert "turned by its EXIF tag" in problems(place)[0]


def test_a_value_outside_the_class_list(tmp_path):
    place = write_masks(tmp_path)
    save_index(place / "masks" / "a.png", np.where(A == 1, 7, A).astype(np.uint8))
    (problem,) = problems(place)
    assert problem == (
        f"{place / 'masks' / 'a.png'}: value 7 is outside the class list, expected 0, 1, 2, 255; add its name to "
        f"{place / 'classes.txt'}, or the name void for pixels that do not count"
    )


def test_files_that_cannot_be_masks(tmp_path):
    place = write_masks(tmp_path)
    (place / "masks" / "a.png").write_bytes(b"no image")
    assert problems(place) == [f"{place / 'masks' / 'a.png'}: not an image that can be read"]
    save_gray(place / "masks" / "a.png", np.zeros((30, 40, 3), np.uint8) + np.array([1, 2, 3], np.uint8))
    assert "colors that stand for no class: (1, 2, 3)" in problems(place)[0]
    (place / "masks" / "a.png").unlink()
    save_gray(place / "masks" / "a.jpg", A)
    assert "expected a lossless mask such as PNG, got JPEG" in problems(place)[0]
    (place / "masks" / "a.jpg").unlink()
    save_gray(place / "masks" / "a.png", A.astype(np.uint16) * 300)
    assert "expected values of 0 to 255, got up to 600" in problems(place)[0]


def test_a_mask_without_a_pixel_that_counts(tmp_path):
    place = write_masks(tmp_path)
    save_index(place / "masks" / "a.png", np.full(A.shape, 255, np.uint8))
    assert "every pixel is 255" in problems(place)[0]


def test_a_truncated_image_is_found_by_decoding(tmp_path):
    place = write_masks(tmp_path, masks={"a": np.zeros((300, 400), np.uint8)})
    (place / "val.txt").unlink()
    path = place / "images" / "a.jpg"
    noise = np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:-20000])
    assert problems(place) == []
    assert problems(place, decode=True)[0].startswith(f"{path}: ")


def test_bad_ones_are_left_out_by_image_or_mask(tmp_path):
    place = write_masks(tmp_path)
    save_index(place / "masks" / "a.png", A[:20])
    dataset = read_dataset(MASKS, place, "all")
    found = check_dataset(MASKS, dataset, False)
    kept = dataset.without(found)
    assert [image.image_id for image in kept.items] == ["b"]
    save_image(place / "images" / "b.jpg", (9, 9))
    with pytest.raises(DataError, match="not one of its images"):
        dataset.without(check_dataset(MASKS, dataset, False))
