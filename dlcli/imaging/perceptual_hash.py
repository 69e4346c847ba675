"""A 64-bit fingerprint of what an image looks like: alike where images look alike, whatever size or format.

After pHash (Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010): the low frequencies
of a small gray image, each a bit for whether it is above their median.
"""

import cv2
import numpy as np

from dlcli.imaging.depth import to_8_bit

SIDE, KEPT = 32, 8
BITS = KEPT * KEPT


def perceptual_hash(pixels: np.ndarray) -> int:
    """[0, 2^64) for RGB [H, W, 3], uint8 or uint16. Turned or mirrored images have other hashes.

    Frequencies under a thousandth of a gray level count as none, so that an image of one color hashes to 0.
    """
    small = cv2.resize(to_8_bit(pixels), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    low = cv2.dct(gray)[:KEPT, :KEPT].ravel()
    low[np.abs(low) < SIDE * 1e-3] = 0
    low[0] = 0  # the mean brightness says nothing of what is seen
    bits = low > np.median(low[1:])
    return int(np.packbits(bits).view(">u8")[0])


def distance(a: int, b: int) -> int:
    """How many of the 64 bits differ. Near 32 for unrelated images."""
    return (a ^ b).bit_count()


class Lookalikes:
    """Groups hashes as they come: each joins the first group whose first member is near, the nearest one.

    A group's members are near its first one, not to each other in a chain, so that groups do not drift. limit: bits
    that may differ; below 0 nothing is grouped.
    """

    def __init__(self, limit: int):
        self.limit = limit
        self.names: list[str] = []
        self.hashes = np.empty(1024, np.uint64)

    def place(self, name: str, value: int) -> tuple[str, int] | None:
        """(the first of the group it joins, bits that differ), or None: it is the first of its own."""
        count = len(self.names)
        if count and self.limit >= 0:
            apart = np.bitwise_count(self.hashes[:count] ^ np.uint64(value))  # [groups]
            nearest = int(apart.argmin())  # the first of equals
            if apart[nearest] <= self.limit:
                return self.names[nearest], int(apart[nearest])
        if count == len(self.hashes):
            self.hashes = np.resize(self.hashes, 2 * count)
        self.hashes[count] = value
        self.names.append(name)
        return None
