"""Small images and sources that the imaging tests share."""

import io
import struct
import zlib
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from PIL import Image

from dlcli.errors import ImageError
from dlcli.imaging.reader import read_image
from dlcli.records import Source

SAMPLES = Path(__file__).parents[2] / "sample_data"


def source(path: Path, name: str | None = None) -> Source:
    return Source(name or path.name, path, PurePosixPath("out"))


def source_of(data: bytes, name: str = "piped.jpg") -> Source:
    return Source(name, None, PurePosixPath("out"), data)


def gradient(width: int = 40, height: int = 24, dtype: type = np.uint8) -> np.ndarray:
    """[H, W, 3] whose every pixel tells its place: red grows to the right, green downwards, blue is their mix."""
    top = np.iinfo(dtype).max
    x, y = np.linspace(0, top, width), np.linspace(0, top, height)
    red, green = np.meshgrid(x, y)
    return np.stack([red, green, (red + top - green) / 2], axis=2).astype(dtype)


def encode(image: Image.Image, format_name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


RGB = Image.fromarray(gradient())


def failure(src, **options) -> ImageError:
    with pytest.raises(ImageError) as caught:
        read_image(src, **options)
    assert str(caught.value).startswith(src.text + ": ")
    return caught.value


def chunk(name: bytes, body: bytes) -> bytes:
    """One PNG chunk with its checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
