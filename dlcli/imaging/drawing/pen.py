"""How drawings look where people do not leave that to the image."""

import math

from dlcli.frozen import dataclass

LETTERS = 0.029  # height of letters, by the square root of the image's area
LINE = 0.0045


@dataclass(frozen=True)
class Pen:
    """line_width, font_size: in pixels; None: by the image's size. labels, scores: whether they are written."""

    line_width: int | None = None
    font_size: int | None = None
    labels: bool = True
    scores: bool = True

    def letters(self, width: int, height: int) -> int:
        """Pixels of the letters on an image of this size."""
        return self.font_size or max(10, min(72, round(LETTERS * math.sqrt(width * height))))

    def line(self, width: int, height: int) -> int:
        """Pixels of a frame's line on an image of this size."""
        return self.line_width or max(2, round(LINE * math.sqrt(width * height)))


PLAIN = Pen()
