"""How much damage in the middle of a JPEG the reader notices. By hand: python -m tests.imaging.measure_damage"""

import random
from collections.abc import Callable

from PIL import Image

from dlcli.errors import ImageError
from dlcli.imaging.reader import read_image
from dlcli.runtime.native_stderr import private_stderr
from tests.imaging.images import SAMPLES, encode, source_of

TRIALS = 300


def main() -> None:
    cat = Image.open(SAMPLES / "cat.jpg")
    kinds = {"baseline": {}, "progressive": {"progressive": True}, "restarts": {"restart_marker_rows": 1}}
    for layout, options in kinds.items():
        jpeg = encode(cat, "JPEG", quality=90, **options)
        for name, damage in DAMAGES.items():
            rng = random.Random(1)
            with private_stderr():
                noticed = sum(is_noticed(damage(jpeg, rng.randrange(700, len(jpeg) - 600), rng)) for _ in range(TRIALS))
            print(f"{layout:12}{name:24}{noticed / TRIALS:.0%}")


def is_noticed(jpeg: bytes) -> bool:
    try:
        read_image(source_of(jpeg))
    except ImageError:
        return True
    return False


def flip_bit(jpeg: bytes, at: int, rng: random.Random) -> bytes:
    return jpeg[:at] + bytes([jpeg[at] ^ (1 << rng.randrange(8))]) + jpeg[at + 1 :]


def lose(count: int) -> Callable[[bytes, int, random.Random], bytes]:
    return lambda jpeg, at, rng: jpeg[:at] + jpeg[at + count :]


def overwrite(count: int) -> Callable[[bytes, int, random.Random], bytes]:
    return lambda jpeg, at, rng: jpeg[:at] + rng.randbytes(count) + jpeg[at + count :]


DAMAGES = {"one bit flipped": flip_bit, "64 bytes lost": lose(64), "512 bytes overwritten": overwrite(512)}

if __name__ == "__main__":
    main()
