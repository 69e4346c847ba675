"""2,000 mutated images through the real program: a record each, plain words, no hang, little memory."""

import io
import json
import os
import random
import re
import struct
import subprocess
import sys
import zlib
from contextlib import suppress

import pytest
from PIL import Image

from tests.program import ROOT, SAMPLES

SHARES = {"detect": 1000, "preprocess": 500, "classify": 250, "segment": 250}
MORE = {"preprocess": ("--gamma", "0.8", "--save", "none")}
LONGEST_MS, MOST_KIB = 5000, 1 << 20
SIZES = (0, 1, 9, 255, 4096, 9999, 65535, 100_000, 2**31 - 1, 2**32 - 1)
MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""


def seeds() -> list[tuple[str, bytes]]:
    """Small images of every format and kind, and the samples that are odd."""
    cat = Image.open(SAMPLES / "cat.jpg").resize((96, 64))
    made: list[tuple[str, bytes]] = []
    for suffix, format_name, mode, options in (
        (".jpg", "JPEG", "RGB", {}),
        (".jpg", "JPEG", "RGB", {"progressive": True}),
        (".jpg", "JPEG", "CMYK", {}),
        (".png", "PNG", "RGB", {}),
        (".png", "PNG", "RGBA", {}),
        (".png", "PNG", "P", {}),
        (".png", "PNG", "I;16", {}),
        (".tif", "TIFF", "RGB", {}),
        (".tif", "TIFF", "RGB", {"compression": "tiff_lzw"}),
        (".tif", "TIFF", "RGB", {"compression": "jpeg"}),
        (".bmp", "BMP", "RGB", {}),
        (".gif", "GIF", "P", {}),
        (".webp", "WEBP", "RGB", {}),
        (".webp", "WEBP", "RGBA", {"lossless": True}),
    ):
        buffer = io.BytesIO()
        (cat.convert("L").convert("I;16") if mode == "I;16" else cat.convert(mode)).save(buffer, format_name, **options)
        made.append((suffix, buffer.getvalue()))
    broken = [path for path in sorted((SAMPLES / "broken").iterdir()) if path.stat().st_size < 40_000]
    return made + [(path.suffix, path.read_bytes()) for path in broken]


def lied(data: bytes, rng: random.Random) -> bytes:
    """The header says another size, with a right checksum where there is one."""
    width, height = rng.choice(SIZES), rng.choice(SIZES)
    changed = bytearray(data)
    if data.startswith(b"\x89PNG"):
        changed[16:24] = struct.pack(">II", width, height)
        changed[29:33] = struct.pack(">I", zlib.crc32(bytes(changed[12:29])))
    elif data.startswith(b"\xff\xd8"):
        frame = re.search(rb"\xff[\xc0\xc1\xc2]\x00.\x08", data, re.DOTALL)
        if frame:
            changed[frame.end() : frame.end() + 4] = struct.pack(">HH", height & 0xFFFF, width & 0xFFFF)
    elif data.startswith(b"BM"):
        changed[18:26] = struct.pack("<II", width, height)
    elif data.startswith(b"GIF"):
        changed[6:10] = struct.pack("<HH", width & 0xFFFF, height & 0xFFFF)
    elif data.startswith(b"II*\0"):
        start = struct.unpack_from("<I", data, 4)[0]
        for i in range(struct.unpack_from("<H", data, start)[0]):
            at = start + 2 + 12 * i
            if struct.unpack_from("<H", data, at)[0] in (256, 257):
                changed[at : at + 12] = struct.pack("<HHII", *struct.unpack_from("<H", data, at), 4, 1, width)
    elif data[8:12] == b"WEBP":
        changed[24:30] = struct.pack("<HHH", width & 0xFFFF, height & 0xFFFF, rng.randrange(65536))
    return bytes(changed)


def mutated(data: bytes, others: list[tuple[str, bytes]], rng: random.Random) -> bytes:
    """One to three changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if len(data) < 40:
            return data
        at = rng.randrange(len(data))
        match rng.randrange(6):
            case 0:
                data = data[:at]
            case 1:
                flipped = bytearray(data)
                for _ in range(rng.choice((1, 3, 20))):
                    flipped[rng.randrange(min(len(data), rng.choice((60, len(data)))))] = rng.randrange(256)
                data = bytes(flipped)
            case 2:
                other = rng.choice(others)[1]
                data = data[:at] + other[rng.randrange(len(other) + 1) :]
            case 3:
                data = data[:at] + data[at + rng.randrange(1, 30) :]
            case 4:
                data = data[:at] + rng.randbytes(rng.randrange(1, 30)) + data[at:]
            case _:
                with suppress(struct.error):  # cut before its header ends
                    data = lied(data, rng)
    return data


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A folder of mutated images for each command."""
    rng, good, root = random.Random(9), seeds(), tmp_path_factory.mktemp("fuzz")
    for task, count in SHARES.items():
        (root / task).mkdir()
        for i in range(count):
            suffix, data = good[i % len(good)]
            (root / task / f"{i:04d}{suffix}").write_bytes(mutated(data, good, rng))
    return root


@pytest.mark.parametrize("task", SHARES)
def test_mutated_images(task, folders, tmp_path):
    more = MORE.get(task, ())
    command = [sys.executable, "-m", "dlcli", task, folders / task, "--json", "--timings", "--threads", "2", *more]
    if task == "preprocess":
        command += ["--out", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, command)],
        capture_output=True,
        cwd=ROOT,
        timeout=300,
        check=False,
        env=os.environ,
    )
    *told, peak = done.stderr.decode().splitlines()
    records = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert done.returncode == 3, told[-3:]
    assert [record["source"] for record in records] == sorted(str(path) for path in (folders / task).iterdir())
    failed = [record for record in records if not record["ok"]]
    assert 0.2 < len(failed) / len(records) < 0.97
    said = [line for line in told if not line.startswith("--pre")][:-1]  # the last tells the counts
    sentences = [line for line in said if not re.search(r" \([\d,]+ images?\)$", line)]  # notes, each with its count
    assert sentences == [record["error"]["message"] for record in failed]
    assert not [line for line in sentences if "Error" in line or "0x7f" in line or " object at " in line]
    assert {record["error"]["kind"] for record in failed} <= {
        *("empty", "not-a-picture", "truncated", "damaged", "unsupported", "too-large", "unwritable")
    }
    # A GIF may honestly hold a small frame on a huge canvas: 41 megapixels took 3.7 s on a busy machine
    small = [record for record in records if record["ok"] and record["width"] * record["height"] < 30_000_000]
    times = [max(record["timings"].values()) for record in small]
    assert max(times) < LONGEST_MS
    assert int(peak) < MOST_KIB, f"{int(peak) >> 10} MiB"
