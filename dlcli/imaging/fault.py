"""Why an image cannot be used, before the file's name is known, and the next thing to try for each kind."""

import re
from collections.abc import Callable

SizeCheck = Callable[[int, int], None]  # (width, height) before decoding; raises Fault

ADVICE = {
    "missing": "check the spelling and the folder",
    "not-a-file": "give a regular file, or pipe the bytes to a lone -",
    "unreadable": "check its permissions with ls -l",
    "empty": "copy or download the file again",
    "not-a-picture": "give a JPEG, PNG, WebP, TIFF, BMP or GIF file",
    "truncated": "re-export the file or pass --skip-bad",
    "damaged": "re-export the file or pass --skip-bad",
    "unsupported": "convert it to 8-bit PNG or JPEG first",
    "too-large": "shrink the image or raise --max-pixels",
}
WEB = "dlcli downloads nothing; pipe its bytes to a lone -, such as curl -s URL | dlcli detect -"
_ADDRESS = re.compile(r"(https?|ftp)://", re.IGNORECASE)


def is_web_address(name: str) -> bool:
    """Whether what stands in place of a file's name is the address of something on the web."""
    return _ADDRESS.match(name) is not None


class Fault(Exception):  # noqa: N818  never leaves imaging; it becomes a ImageError
    """kind is a key of ADVICE; reason is a clause without the file's name and without a final stop.

    advice: the next thing to try, where it is another than the kind's.
    """

    def __init__(self, kind: str, reason: str, advice: str = ""):
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.advice = advice

    def sentence(self, name: str) -> str:
        """The message for people, opened by the file's name."""
        advice = WEB if self.kind == "missing" and is_web_address(name) else self.advice or ADVICE[self.kind]
        if self.kind == "empty" and name == "-":
            return "-: standard input is empty (0 bytes); pipe the bytes of one image to it"
        return f"{name}: {self.reason}; {advice}"


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Refuse an image over the limit, by its header, before anything is decoded."""
    if width * height > max_pixels:
        count = f"{width:,} x {height:,} is {width * height:,} pixels"
        raise Fault("too-large", f"{count}, over the limit of {max_pixels:,}")
