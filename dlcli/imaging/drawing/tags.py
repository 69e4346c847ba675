"""The tags of boxes: where each stands, how large its letters are, and which are left out where there are too many.

Tags that hide the image are worse than none, as in the HTML report. So letters shrink until no two tags overlap and
all together cover little of the image; where the smallest do not do, the best boxes keep theirs.
"""

import math
from collections.abc import Sequence

import numpy as np
from PIL import ImageDraw

from dlcli.frozen import dataclass
from dlcli.imaging.drawing.fonts.letters import Letters
from dlcli.imaging.drawing.palette import Color, readable_on

Area = tuple[int, int, int, int]  # x1, y1, x2, y2, exclusive

COVERED = 0.12  # of the image, by all tags together
SHRINKS = (1.0, 0.85, 0.7, 0.55, 0.42)  # of the size of letters
LEAST = 9  # pixels: smaller letters are not to be read


@dataclass(frozen=True)
class Label:
    """What is to be written on a box. box: xyxy in whole pixels. score: "0.93", "" for none."""

    box: Area
    name: str
    score: str
    color: Color


@dataclass(frozen=True)
class Tag:
    area: Area
    text: str
    color: Color
    letters: Letters

    def draw(self, draw: ImageDraw.ImageDraw) -> None:
        x1, y1, x2, y2 = self.area
        draw.rounded_rectangle((x1, y1, x2 - 1, y2 - 1), max(2, round(self.letters.size / 5)), fill=self.color)
        across, down = padding(self.letters)
        self.letters.draw(draw, (x1 + across, y1 + down), self.text, readable_on(self.color))


def lay_out(labels: Sequence[Label], size: tuple[int, int], letters: int, all_of_them: bool = False) -> list[Tag]:
    """A tag for each label, or for those that there is room for; the first label is served first.

    size: (width, height) of the image. letters: pixels. all_of_them: at this size, whatever they cover.
    """
    if all_of_them:
        return _placed(labels, size, Letters(letters))
    sizes = dict.fromkeys(min(letters, max(LEAST, round(letters * shrink))) for shrink in SHRINKS)
    for each in sizes:
        tags = _placed(labels, size, Letters(each))
        if _fit(tags, size):
            return tags
    return _kept(labels, size, Letters(each))


def padding(letters: Letters) -> tuple[int, int]:
    """Pixels between a tag's edge and its text, across and down."""
    return max(2, round(letters.size * 0.35)), max(1, round(letters.size * 0.18))


def _placed(labels: Sequence[Label], size: tuple[int, int], letters: Letters) -> list[Tag]:
    tags: list[Tag] = []
    for label in labels:
        tags.append(_tag(label, size, letters, [tag.area for tag in tags]))
    return tags


def _kept(labels: Sequence[Label], size: tuple[int, int], letters: Letters) -> list[Tag]:
    """As many as cover little and overlap nothing, the first ones first."""
    tags: list[Tag] = []
    for label in labels:
        tag = _tag(label, size, letters, [other.area for other in tags])
        if _fit([*tags, tag], size):
            tags.append(tag)
    return tags


def _fit(tags: Sequence[Tag], size: tuple[int, int]) -> bool:
    """Whether they cover little of the image and nothing of each other."""
    areas = np.array([tag.area for tag in tags], np.int64).reshape(-1, 4)  # [N, 4]
    covered = ((areas[:, 2] - areas[:, 0]) * (areas[:, 3] - areas[:, 1])).sum()
    if covered > COVERED * size[0] * size[1]:
        return False
    low, high = np.maximum(areas[:, None, :2], areas[None, :, :2]), np.minimum(areas[:, None, 2:], areas[None, :, 2:])
    return int((high > low).all(2).sum()) == len(tags)  # each overlaps itself


def _tag(label: Label, size: tuple[int, int], letters: Letters, taken: Sequence[Area]) -> Tag:
    across, down = padding(letters)
    text = with_score(label, letters, size[0] - 2 * across)
    width, height = math.ceil(letters.length(text)) + 2 * across, letters.height + 2 * down
    return Tag(_place(label.box, (width, height), size, taken), text, label.color, letters)


def with_score(label: Label, letters: Letters, room: float) -> str:
    """The name, cut where it is wider than `room` pixels, and the score, which stays whole."""
    score = f" {label.score}" if label.score and label.name else label.score
    if letters.length(label.name + score) <= room:
        return label.name + score
    name = letters.shortened(label.name, room - letters.length(score))
    return name + score if name else label.score


def _place(box: Area, tag: tuple[int, int], size: tuple[int, int], taken: Sequence[Area]) -> Area:
    """Above the box, inside its top, below it, inside its bottom, at its left or right end: the first free place
    inside the image, else the one that covers the least of other tags."""
    x1, y1, x2, y2 = box
    tops = [top for top in (y1 - tag[1], y1, y2, y2 - tag[1]) if 0 <= top <= size[1] - tag[1]]
    tops = tops or [max(0, min(y1, size[1] - tag[1]))]
    lefts = [max(0, min(left, size[0] - tag[0])) for left in (x1, x2 - tag[0])]
    areas = [(left, top, left + tag[0], top + tag[1]) for left in lefts for top in tops]
    return min(areas, key=lambda area: sum(_overlap(area, other) for other in taken))  # the first of equals


def _overlap(a: Area, b: Area) -> int:
    """Pixels that two areas share."""
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))
