"""Reads what an ICC profile says of its colors, and makes small ones. Light: no color library is loaded.

Layout: ICC.1:2022, section 7 (header), 9 (tags), 10 (types: curv, para, XYZ, desc, mluc, sf32).
"""

import struct

import numpy as np

from dlcli.frozen import dataclass

RGB, GRAY, CMYK = b"RGB ", b"GRAY", b"CMYK"
D50 = (0.9642, 1.0, 0.8249)  # XYZ of what profiles call white
_PARAMETERS = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}  # of each kind of `para`: g; a, b; c; d; e, f
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
Chromaticities = tuple[tuple[float, float], ...]  # (x, y) of white, red, green, blue


@dataclass(frozen=True)
class Curve:
    """From a sample in [0, 1] to light: a table of values at even steps, or `para` of a kind with its parameters."""

    table: tuple[float, ...] = ()
    kind: int = 0
    parameters: tuple[float, ...] = (1.0,)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """float64 of any shape -> the same, in [0, 1]."""
        if self.table:
            return np.interp(x, np.linspace(0, 1, len(self.table)), self.table)
        g, a, b, c, d, e, f = (*self.parameters, *(1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)[len(self.parameters) :])
        if self.kind in (1, 2):  # a straight part below -b / a, at the height c
            c, d, e, f = 0.0, -b / a if a else 0.0, c, c
        with np.errstate(all="ignore"):  # of a damaged profile
            power = np.clip(a * x + b, 0, None) ** g + e
            return np.clip(np.nan_to_num(np.where(x >= d, power, c * x + f)), 0, 1)


class Profile:
    """What a profile's bytes hold; nothing is looked at before it is asked for. Damaged parts are None or b""."""

    def __init__(self, data: bytes):
        self.data = data
        self.space = data[16:20]

    def tag(self, name: bytes) -> bytes:
        """The bytes of a tag, its type first; b"" where it is absent."""
        (count,) = struct.unpack_from(">I", self.data, 128) if len(self.data) >= 132 else (0,)
        for at in range(132, min(132 + 12 * min(count, 200), len(self.data) - 11), 12):
            if self.data[at : at + 4] == name:
                start, length = struct.unpack_from(">II", self.data, at + 4)
                return self.data[start : start + length]
        return b""

    def description(self) -> str:
        """In the first language that it has."""
        body = self.tag(b"desc")
        if body[:4] == b"mluc" and len(body) >= 28:
            length, start = struct.unpack_from(">II", body, 20)
            return body[start : start + length].decode("utf-16-be", "replace")
        return body[12:].partition(b"\0")[0].decode("latin-1") if body[:4] == b"desc" else ""

    def matrix(self) -> np.ndarray | None:
        """float64 [3, 3]: the XYZ, under D50, of red, green and blue, a column each."""
        bodies = [self.tag(name) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        if any(body[:4] != b"XYZ " or len(body) < 20 for body in bodies):
            return None
        return np.array([[v / 65536 for v in struct.unpack_from(">3i", body, 8)] for body in bodies]).T

    def curves(self) -> list[Curve] | None:
        """Of red, green and blue, or of gray."""
        names = (b"kTRC",) if self.space == GRAY else (b"rTRC", b"gTRC", b"bTRC")
        found = [_read_curve(self.tag(name)) for name in names]
        return None if None in found else [curve for curve in found if curve]

    def has_table(self) -> bool:
        """Whether colors are looked up in a table, which then goes before the matrix."""
        return any(self.tag(name) for name in (b"A2B0", b"A2B1", b"D2B0", b"D2B1"))


def _read_curve(body: bytes) -> Curve | None:
    try:
        if body[:4] == b"curv":
            (count,) = struct.unpack_from(">I", body, 8)
            values = struct.unpack_from(f">{min(count, 1 << 16)}H", body, 12)
            if count == 0:
                return Curve()
            return Curve(parameters=(values[0] / 256,)) if count == 1 else Curve(tuple(v / 65535 for v in values))
        if body[:4] == b"para":
            (kind,) = struct.unpack_from(">H", body, 8)
            numbers = struct.unpack_from(f">{_PARAMETERS[kind]}i", body, 12)
            return Curve(kind=kind, parameters=tuple(v / 65536 for v in numbers))
    except (KeyError, struct.error):
        pass
    return None


def to_xyz(points: Chromaticities) -> np.ndarray:
    """float64 [3, 3]: linear RGB of these primaries and white -> XYZ under D50 (Bradford). LinAlgError: no colors."""
    white, *primaries = (np.array([x / y, 1.0, (1 - x - y) / y]) for x, y in points)
    columns = np.stack(primaries, axis=1)  # [3, 3]
    return _adapted(white) @ (columns * np.linalg.solve(columns, white))


def _adapted(white: np.ndarray) -> np.ndarray:
    """float64 [3, 3]: XYZ under `white` -> XYZ under D50."""
    there, here = _BRADFORD @ np.array(D50), _BRADFORD @ white
    return np.linalg.inv(_BRADFORD) @ np.diag(there / here) @ _BRADFORD


def make_profile(name: str, points: Chromaticities, curve: Curve) -> bytes:
    """A display profile, version 4: these primaries and white, one `para` curve. Equal arguments give equal bytes."""
    white = np.array([points[0][0] / points[0][1], 1.0, (1 - sum(points[0])) / points[0][1]])
    red, green, blue = to_xyz(points).T
    trc = struct.pack(">4sIHH", b"para", 0, curve.kind, 0) + _fixed(curve.parameters)
    tags = {
        b"desc": _words(name),
        b"cprt": _words("CC0"),
        b"wtpt": b"XYZ \0\0\0\0" + _fixed(D50),
        b"chad": b"sf32\0\0\0\0" + _fixed(_adapted(white).ravel()),
        b"rXYZ": b"XYZ \0\0\0\0" + _fixed(red),
        b"gXYZ": b"XYZ \0\0\0\0" + _fixed(green),
        b"bXYZ": b"XYZ \0\0\0\0" + _fixed(blue),
        b"rTRC": trc,
        b"gTRC": trc,
        b"bTRC": trc,
    }
    return _put_together(tags)


def _put_together(tags: dict[bytes, bytes]) -> bytes:
    """Equal bodies are kept once."""
    start = 128 + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    body = b""
    for data in tags.values():
        if data not in places:
            places[data] = start + len(body)
            body += data + bytes(-len(data) % 4)
    table = b"".join(name + struct.pack(">II", places[data], len(data)) for name, data in tags.items())
    head = struct.pack(">I4sI4s4s4s", start + len(body), bytes(4), 0x04300000, b"mntr", RGB, b"XYZ ")
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _fixed(D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _fixed(values: "tuple[float, ...] | np.ndarray") -> bytes:
    return struct.pack(f">{len(values)}i", *(round(float(v) * 65536) for v in values))


def _words(text: str) -> bytes:
    body = text.encode("utf-16-be")
    return struct.pack(">4sIII2s2sII", b"mluc", 0, 1, 12, b"en", b"US", len(body), 28) + body
