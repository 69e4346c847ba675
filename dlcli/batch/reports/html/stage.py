"""Where an image's thumbnail and what was found on it lie in an SVG; a page's script shows one prediction or all.

Everything is in units of a stage of WIDTH x HEIGHT, in whose middle the image lies, so that lines and letters are
equally large on all of them.
"""

from collections.abc import Sequence

from dlcli.batch.reports.html.thumbnails import Thumbnail, mask_uri
from dlcli.batch.reports.predictions import one_line
from dlcli.frozen import dataclass
from dlcli.imaging.drawing.fonts.letters import Letters
from dlcli.tasks.answers import BOX, Prediction

WIDTH, HEIGHT = 320, 240
LETTERS, TAG, PAD = 12, 17, 5  # of a tag: size of its letters, its height, room at its ends
MOST_LETTERS = 24


@dataclass(frozen=True)
class Marked:
    """A prediction with its number in the image and its label's number in the page."""

    number: int
    label: int
    prediction: Prediction


@dataclass(frozen=True)
class Tag:
    """A box's label. area: (x, y, width, height). length: of the text, which starts at x, y of its baseline."""

    item: Marked
    area: BOX
    text: str
    length: float

    @property
    def x(self) -> float:
        return self.area[0] + PAD

    @property
    def y(self) -> float:
        return self.area[1] + 12.8


@dataclass(frozen=True)
class Stage:
    """uri: of the thumbnail, "" where there is none; area: where it lies, (x, y, width, height), as boxes are.

    masks: with their uri. boxes: the best last. text: for readers of the screen.
    """

    text: str
    uri: str
    area: BOX
    masks: tuple[tuple[Marked, str], ...]
    boxes: tuple[tuple[Marked, BOX], ...]
    tags: tuple[Tag, ...]
    width: int = WIDTH
    height: int = HEIGHT


def stage(shown: Thumbnail, size: tuple[int, int], found: Sequence[Marked], text: str) -> Stage:
    """size: (width, height) of the image in pixels."""
    area = _image_area(*size)
    boxed = sorted((item for item in found if item.prediction.box), key=lambda item: item.prediction.value or 0)
    boxes = tuple((item, _on_stage(item.prediction.box, size, area)) for item in boxed if item.prediction.box)
    masks = tuple((item, uri) for item in found if (uri := _mask(shown, item.prediction)))
    return Stage(text, shown.uri, area, masks, boxes, tuple(_tags(boxes)))


def _image_area(width: int, height: int) -> BOX:
    """(x, y, width, height) on the stage."""
    scale = min(WIDTH / width, HEIGHT / height)
    across, down = max(1.0, width * scale), max(1.0, height * scale)
    return (WIDTH - across) / 2, (HEIGHT - down) / 2, across, down


def _on_stage(box: BOX, size: tuple[int, int], area: BOX) -> BOX:
    """xyxy of the image to (x, y, width, height) on the stage."""
    sx, sy = area[2] / size[0], area[3] / size[1]
    x1, y1, x2, y2 = box
    return area[0] + x1 * sx, area[1] + y1 * sy, max(1.0, (x2 - x1) * sx), max(1.0, (y2 - y1) * sy)


def _mask(shown: Thumbnail, prediction: Prediction) -> str:
    return mask_uri(prediction.rle, prediction.label, (shown.width, shown.height)) if prediction.rle else ""


def _tags(boxes: Sequence[tuple[Marked, BOX]]) -> list[Tag]:
    """The best prediction chooses its place first and is drawn last."""
    taken: list[BOX] = []
    tags = []
    for item, box in reversed(boxes):
        text = _tag_text(item.prediction)
        length = round(Letters(LETTERS).length(text), 1)
        area = _free_place(box, length + 2 * PAD, taken)
        taken.append(area)
        tags.append(Tag(item, area, text, length))
    return tags[::-1]


def _tag_text(prediction: Prediction) -> str:
    label = one_line(prediction.label)
    label = label if len(label) <= MOST_LETTERS else label[: MOST_LETTERS - 1] + "…"
    return f"{label} {prediction.shown_value()}"


def _free_place(box: BOX, width: float, taken: Sequence[BOX]) -> BOX:
    """Above the box, or down from its upper edge: the first place on the stage that is free, else the least covered."""
    x = max(0.0, min(box[0], WIDTH - width))
    tops = [box[1] - TAG, *(box[1] + TAG * step for step in range(12))]
    places = [(x, top, width, float(TAG)) for top in tops if 0 <= top <= HEIGHT - TAG]
    places = places or [(x, max(0.0, min(box[1], HEIGHT - TAG)), width, float(TAG))]
    return min(places, key=lambda place: sum(_overlap(place, other) for other in taken))


def _overlap(a: BOX, b: BOX) -> float:
    across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(0.0, across) * max(0.0, down)
