"""A picture's thumbnail with what was found drawn over it, as SVG that a page's script can show and hide by find.

Everything is in units of a stage of WIDTH x HEIGHT, in whose middle the picture lies, so that lines and letters are
equally large on all of them.
"""

from collections.abc import Sequence
from html import escape

from dlcli.batch.reports.html.thumbnails import Thumbnail, mask_uri
from dlcli.batch.reports.predictions import one_line
from dlcli.imaging.drawing.canvas import load_font
from dlcli.tasks.answers import BOX, Prediction

WIDTH, HEIGHT = 320, 240
LETTERS, TAG, PAD = 12, 17, 5  # of a tag: size of its letters, its height, room at its ends
MOST_LETTERS = 24


def stage(shown: Thumbnail, size: tuple[int, int], finds: Sequence[tuple[int, int, Prediction]], text: str) -> str:
    """size: (width, height) of the picture in pixels. finds: (number, number of its label, find). text: for readers."""
    area = _picture_area(*size)
    parts = [f'<svg class="stage" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(one_line(text))}">']
    if shown.uri:
        parts.append(f'<image href="{shown.uri}" {_at(area)} preserveAspectRatio="none"/>')
    else:
        parts.append(f'<rect class="gone" {_at(area)}/><text class="gone" x="160" y="230">cannot be read now</text>')
    parts += [_mask(shown, item, area) for item in finds if item[2].rle]
    boxed = sorted((item for item in finds if item[2].box), key=lambda item: item[2].value or 0)
    boxes = [(item, _on_stage(item[2].box, size, area)) for item in boxed if item[2].box]
    parts += [_group(item, f'<rect class="rim" {_at(box)}/><rect class="line" {_at(box)}/>') for item, box in boxes]
    parts += _tags(boxes)
    return "".join([*parts, "</svg>"])


def _picture_area(width: int, height: int) -> BOX:
    """(x, y, width, height) on the stage."""
    scale = min(WIDTH / width, HEIGHT / height)
    across, down = max(1.0, width * scale), max(1.0, height * scale)
    return (WIDTH - across) / 2, (HEIGHT - down) / 2, across, down


def _on_stage(box: BOX, size: tuple[int, int], area: BOX) -> BOX:
    """xyxy of the picture to (x, y, width, height) on the stage."""
    sx, sy = area[2] / size[0], area[3] / size[1]
    x1, y1, x2, y2 = box
    return area[0] + x1 * sx, area[1] + y1 * sy, max(1.0, (x2 - x1) * sx), max(1.0, (y2 - y1) * sy)


def _mask(shown: Thumbnail, item: tuple[int, int, Prediction], area: BOX) -> str:
    find = item[2]
    uri = mask_uri(find.rle, find.class_id, (shown.width, shown.height)) if find.rle else ""
    return _group(item, f'<image href="{uri}" {_at(area)} preserveAspectRatio="none"/>') if uri else ""


def _group(item: tuple[int, int, Prediction], inner: str, kind: str = "f") -> str:
    number, label, find = item
    return f'<g class="{kind} c{find.class_id}" {marks(number, label, find)}>{inner}</g>'


def marks(number: int, label: int, find: Prediction) -> str:
    """Attributes by which the script knows a find: its number in the picture, its label's, its value."""
    return f'data-i="{number}" data-l="{label}" data-v="{1 if find.value is None else find.value}"'


def _tags(boxes: Sequence[tuple[tuple[int, int, Prediction], BOX]]) -> list[str]:
    """The best find chooses its place first and is drawn last."""
    taken: list[BOX] = []
    drawn = []
    for item, box in reversed(boxes):
        text = _tag_text(item[2])
        width = round(load_font(LETTERS).getlength(text), 1)
        area = _free_place(box, width + 2 * PAD, taken)
        taken.append(area)
        letters = f'x="{area[0] + PAD:.1f}" y="{area[1] + 12.8:.1f}" textLength="{width}"'
        shape = f'<rect class="tag" {_at(area)} rx="3"/><text {letters}>{escape(text)}</text>'
        drawn.append(_group(item, shape, "f t"))
    return drawn[::-1]


def _tag_text(find: Prediction) -> str:
    label = one_line(find.label)
    label = label if len(label) <= MOST_LETTERS else label[: MOST_LETTERS - 1] + "…"
    return f"{label} {find.value:.2f}"


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


def _at(area: BOX) -> str:
    x, y, width, height = area
    return f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
