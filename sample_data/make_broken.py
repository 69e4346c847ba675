"""Makes sample_data/broken/: one small file for each way in which an image can be odd or bad. Deterministic.

Run from anywhere: python sample_data/make_broken.py
"""

import io
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

HERE = Path(__file__).parent
SIZE = (160, 120)
END_OF_IMAGE = b"\xff\xd9"


def main() -> None:
    folder = HERE / "broken"
    folder.mkdir(exist_ok=True)
    image = Image.open(HERE / "cat.jpg").convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    for name, data in files(image).items():
        (folder / name).write_bytes(data)


def files(image: Image.Image) -> dict[str, bytes]:
    """File name -> bytes. Five can be read, four cannot (empty, truncated, damaged, text)."""
    jpeg = save(image, "JPEG", quality=90)
    return {
        "empty.jpg": b"",
        "text.jpg": b"This is a text that calls itself a JPEG.\n",
        "truncated.jpg": jpeg[: len(jpeg) // 3],
        "damaged.jpg": damage(jpeg),
        "sixteen-bit.png": sixteen_bit(image),
        "exif-turned.jpg": exif_turned(image),
        "cmyk.jpg": save(image.convert("CMYK"), "JPEG", quality=90),
        "grey-alpha.png": gray_alpha(image),
        "palette.gif": save(image.quantize(64), "GIF"),
    }


def save(image: Image.Image, format_name: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def damage(jpeg: bytes) -> bytes:
    """600 bytes in the middle overwritten; the end marker stays, so that the file looks whole from both ends."""
    middle = len(jpeg) // 2
    noise = np.random.default_rng(0).integers(0, 255, 600, dtype=np.uint8).tobytes()
    return jpeg[:middle] + noise + jpeg[middle + 600 :]


def sixteen_bit(image: Image.Image) -> bytes:
    """RGB with 16 bits a sample, of which all are in use."""
    wide = np.array(image).astype(np.uint16) * 257
    wide += np.random.default_rng(0).integers(0, 8, wide.shape, dtype=np.uint16) * (wide < 65000)
    small = cv2.resize(wide, (80, 60), interpolation=cv2.INTER_AREA)
    return cv2.imencode(".png", small[..., ::-1])[1].tobytes()


def exif_turned(image: Image.Image) -> bytes:
    """Stored lying on its side, with the tag (6) that says how to turn it upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return save(image.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=90, exif=exif)


def gray_alpha(image: Image.Image) -> bytes:
    """Gray that fades out to the right."""
    fade = np.tile(np.linspace(255, 0, SIZE[0]).astype(np.uint8), (SIZE[1], 1))
    return save(Image.merge("LA", (image.convert("L"), Image.fromarray(fade))), "PNG")


if __name__ == "__main__":
    main()
