"""Files of many kinds that take memory to read, honest ones and bombs, each made of few lines."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests.benchmarks.memory import KINDS as PLAIN
from tests.benchmarks.memory import image

Size = tuple[int, int]
Make = Callable[[Path, Size], bytes]


def noise(size: Size, channels: int = 3) -> np.ndarray:
    """uint8 [H, W, channels]: large blobs and a little noise."""
    width, height = size
    dice = np.random.default_rng(7)
    small = dice.integers(0, 255, (12, 16, channels), np.uint8)
    large = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR).reshape(height, width, channels)
    return large ^ dice.integers(0, 4, large.shape, np.uint8)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def rgb(size: Size) -> Image.Image:
    return Image.fromarray(noise(size))


def jpeg(size: Size, **options: object) -> bytes:
    return saved(rgb(size), "JPEG", quality=90, **options)


def of_scans(count: int, size: Size = (256, 256)) -> bytes:
    """A progressive JPEG with its last scan again and again."""
    data = jpeg(size, progressive=True)
    last = data.rfind(b"\xff\xda")
    return data[:last] + data[last:-2] * count + b"\xff\xd9"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(size: Size, color: int = 2, bits: int = 8, interlaced: bool = False, before: bytes = b"") -> bytes:
    """A gray ramp of bytes, so that it packs well. before: chunks between header and pixels."""
    width, height = size
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    raw = bytearray()
    for left, top, across, down in passes if interlaced else [(0, 0, 1, 1)]:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        line = bytes(np.arange(columns * channels * bits // 8, dtype=np.uint32).astype(np.uint8))
        raw += (b"\0" + line) * rows
    head = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, int(interlaced))
    parts = [chunk(b"IHDR", head), before, chunk(b"IDAT", zlib.compress(bytes(raw), 1)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def tiff(entries: dict[int, tuple[int, int, int]], after: bytes = b"", big: bool = False, count: int = 0) -> bytes:
    """entries: tag -> (type, count, value or offset). count: what the directory claims, if not their number."""
    many = count or len(entries)
    if big:
        head = b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, many)
        body = b"".join(struct.pack("<HHQQ", tag, *entries[tag]) for tag in sorted(entries)) + bytes(8)
    else:
        head = b"II*\0" + struct.pack("<IH", 8, many & 0xFFFF)
        body = b"".join(struct.pack("<HHII", tag, *entries[tag]) for tag in sorted(entries)) + bytes(4)
    return head + body + after


def plain_tags(size: Size, at: int, length: int, **more: tuple[int, int, int]) -> dict[int, tuple[int, int, int]]:
    width, height = size
    tags = {256: (4, 1, width), 257: (4, 1, height), 258: (3, 1, 8), 259: (3, 1, 1), 262: (3, 1, 1), 277: (3, 1, 1)}
    tags |= {273: (4, 1, at), 278: (4, 1, height), 279: (4, 1, length)}
    return tags | {int(name[1:]): value for name, value in more.items()}


def huge_tile(side: int) -> bytes:
    """64 x 64 pixels of a tile that packs to few bytes."""
    body = zlib.compress(bytes(1 << 20), 9)
    tags = plain_tags((64, 64), 0, 0)
    for tag in (273, 278, 279):
        del tags[tag]
    tags |= {259: (3, 1, 8), 322: (4, 1, side), 323: (4, 1, side), 324: (4, 1, 512), 325: (4, 1, len(body))}
    return tiff(tags).ljust(512, b"\0") + body


def video(path: Path, size: Size, frames: int = 24) -> bytes:
    """MPEG-4 of an image that moves a little."""
    file = path / f"made-{size[0]}.mp4"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"mp4v"), 25.0, size)
    pixels = noise(size)
    for number in range(frames):
        writer.write(np.roll(pixels, 8 * number, axis=1))
    writer.release()
    return file.read_bytes()


def texts(count: int) -> bytes:
    """So many compressed texts of a mebibyte each, of a kilobyte in the file."""
    return b"".join(
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes([65]) * ((1 << 20) - 99), 9)) for _ in range(count)
    )


def profile(length: int) -> bytes:
    return chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(length)))


PALETTE = chunk(b"PLTE", bytes(768)) + chunk(b"tRNS", b"\1")


def half(size: Size) -> Size:
    return size[0] // 2, size[1] // 2


def bigtiff(size: Size) -> bytes:
    length = size[0] * size[1]
    return tiff(plain_tags(size, 250, length), bytes(length), big=True)


def many_strips(count: int) -> bytes:
    return tiff(plain_tags((8, 8), 0, 64, t273=(4, count, 400), t279=(4, count, 400))) + bytes(4 * count + 400)


def one_strip(size: Size, compression: str) -> bytes:
    return saved(rgb(size), "TIFF", compression=compression, tiffinfo={278: size[1]})


def several(size: Size, kind: str, mode: str = "RGBA") -> bytes:
    frames = [Image.fromarray(np.roll(noise(size, 4), 9 * i, axis=1), "RGBA").convert(mode) for i in range(3)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


def bombed_exif(size: Size) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "x" * 60_000
    return jpeg(size, exif=exif)


def padded(size: Size, fill: bytes) -> bytes:
    """A small image with 150 MB behind it."""
    return jpeg((300, 200)) + fill * (150_000_000 // len(fill))


def many_tags(count: int, length: int) -> bytes:
    """So many tags, all of which stand for the same bytes."""
    more = {f"t{40_000 + i}": (1, length, 8000) for i in range(count)}
    return tiff(plain_tags((8, 8), 0, 64, **more)).ljust(8000, b"\0") + bytes(length)


KINDS: dict[str, tuple[str, Make]] = {
    **{
        name: (ending, lambda path, size, name=name: image(path / "plain", name, size).read_bytes())
        for name, ending in PLAIN.items()
    },
    "jpeg-gray": (".jpg", lambda _, size: saved(rgb(size).convert("L"), "JPEG")),
    "jpeg-cmyk-progressive": (".jpg", lambda _, size: saved(rgb(size).convert("CMYK"), "JPEG", progressive=True)),
    "jpeg-cut": (".jpg", lambda _, size: jpeg(size)[:-2000]),
    "jpeg-progressive-cut": (".jpg", lambda _, size: jpeg(size, progressive=True, subsampling=0)[:-2000]),
    "jpeg-zeros-behind": (".jpg", lambda _, size: padded(size, bytes(1000))),
    "jpeg-bytes-behind": (".jpg", lambda _, size: padded(size, b"12345678")),
    "jpeg-scans": (".jpg", lambda _, size: of_scans(2000)),
    "jpeg-exif": (".jpg", lambda _, size: bombed_exif(size)),
    "jpeg-411": (".jpg", lambda _, size: jpeg(size, subsampling=2, restart_marker_blocks=8)),
    "mpo": (".jpg", lambda _, size: several(size, "MPO", "RGB")),
    "png-interlaced": (".png", lambda _, size: png(size, interlaced=True)),
    "png-interlaced16": (".png", lambda _, size: png(size, 6, 16, interlaced=True)),
    "png-palette-alpha": (".png", lambda _, size: png(size, 3, before=PALETTE)),
    "png-gray-alpha": (".png", lambda _, size: png(size, 4)),
    "png-key": (".png", lambda _, size: png(size, before=chunk(b"tRNS", bytes(6)))),
    "png-texts": (".png", lambda _, size: png((64, 64), before=texts(60))),
    "png-profile": (".png", lambda _, size: png((64, 64), before=profile(1 << 26))),
    "png-long-text": (".png", lambda _, size: png((64, 64), before=chunk(b"tEXt", b"a\0" + bytes([65]) * 50_000_000))),
    "apng": (".png", lambda _, size: several(size, "PNG")),
    "webp-lossless": (".webp", lambda _, size: saved(rgb(half(size)), "WEBP", lossless=True, quality=0)),
    "webp-moving": (".webp", lambda _, size: several(half(size), "WEBP")),
    "webp-padded": (".webp", lambda _, size: saved(rgb((64, 64)), "WEBP") + bytes(150_000_000)),
    "gif-moving": (".gif", lambda _, size: several(size, "GIF")),
    "bmp-8": (".bmp", lambda _, size: saved(rgb(size).convert("P"), "BMP")),
    "bmp-32": (".bmp", lambda _, size: saved(rgb(size).convert("RGBA"), "BMP")),
    "tiff-deflate": (".tif", lambda _, size: one_strip(size, "tiff_adobe_deflate")),
    "tiff-lzw": (".tif", lambda _, size: one_strip(size, "tiff_lzw")),
    "tiff-jpeg": (".tif", lambda _, size: saved(rgb(size), "TIFF", compression="jpeg")),
    "tiff-cmyk": (".tif", lambda _, size: saved(rgb(size).convert("CMYK"), "TIFF")),
    "tiff-alpha": (".tif", lambda _, size: saved(rgb(size).convert("RGBA"), "TIFF", compression="tiff_lzw")),
    "tiff-pages": (".tif", lambda _, size: several(size, "TIFF", "RGB")),
    "tiff-tile": (".tif", lambda _, size: huge_tile(9600)),
    "tiff-larger-tile": (".tif", lambda _, size: huge_tile(30_000)),
    "tiff-tag": (".tif", lambda _, size: tiff(plain_tags((8, 8), 300, 64, t37724=(1, 10**8, 400))) + bytes(10**8)),
    "tiff-tags": (".tif", lambda _, size: many_tags(300, 10**7)),
    "tiff-count": (".tif", lambda _, size: tiff(plain_tags((8, 8), 0, 64), bytes(10**6), count=65_535)),
    "bigtiff": (".tif", lambda _, size: bigtiff(size)),
    "bigtiff-count": (".tif", lambda _, size: tiff(plain_tags((8, 8), 0, 64), bytes(10**6), big=True, count=1 << 40)),
    "tiff-strips": (".tif", lambda _, size: many_strips(3_000_000)),
    "video": (".mp4", lambda path, size: video(path, size)),
    "ico": (".png", lambda _, size: saved(rgb((256, 256)), "ICO")),
}  # fmt: skip
