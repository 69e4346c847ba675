"""What later pages add to the memory of an image, by headers alone; frames as Pillow counts them."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from dlcli.imaging.formats.header import read_header
from dlcli.imaging.formats.later_pages import frames_of, with_later_pages


def stack(*shapes: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for shape in shapes:
            writer.write(np.zeros(shape, np.uint16), photometric="minisblack")
    return file.getvalue()


def extra_of(data: bytes) -> int:
    header = read_header(data)
    assert header is not None
    return with_later_pages(header, data).extra - header.extra


def test_one_page_adds_nothing_and_a_large_one_behind_a_small_one_all_of_it():
    assert extra_of(stack((40, 60))) == 0
    small, large = extra_of(stack((40, 60), (40, 60))), extra_of(stack((40, 60), (400, 600)))
    assert large > 240_000 * (2 + 11) > 20 * small
    assert extra_of(stack((400, 600), *[(400, 600)] * 9)) > 10 * 240_000 * 2 * 2


@pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize("count", [1, 4])
def test_frames_are_counted(name: str, count: int):
    frames = [Image.new("RGB", (40, 30), (0, 40 * number, 0)) for number in range(count)]
    file = io.BytesIO()
    frames[0].save(file, name, save_all=True, append_images=frames[1:])
    assert frames_of(file.getvalue(), name) == count - 1
    assert (extra_of(file.getvalue()) > 0) == (count > 1)
    assert frames_of(file.getvalue()[:60], name) in range(count)  # a damaged file is no fault here
