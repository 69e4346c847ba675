"""Options on how drawings look, which several tasks have, and what they come to. Light."""

from typing import TYPE_CHECKING, Any

from dlcli.tasks.options import option

if TYPE_CHECKING:
    from dlcli.imaging.drawing.pen import Pen

DRAWINGS = "Drawings"

LINE_WIDTH = option(
    "Line width in pixels; default: by the size of the image.", panel=DRAWINGS, min=1, max=100, metavar="PIXELS"
)
FONT_SIZE = option(
    "Size of letters in pixels, for all labels; default: by the size of the image, smaller and fewer in a crowd.",
    panel=DRAWINGS,
    min=6,
    max=500,
    metavar="PIXELS",
)
HIDE_LABELS = option("Draw without labels.", "--hide-labels", panel=DRAWINGS)
HIDE_SCORES = option("Draw without scores.", "--hide-scores", panel=DRAWINGS)


def pen_of(options: Any) -> "Pen":
    """What the task's own options say of drawings; what it has no option for is as usual."""
    from dlcli.imaging.drawing.pen import Pen

    return Pen(
        line_width=getattr(options, "line_width", None),
        font_size=getattr(options, "font_size", None),
        labels=not getattr(options, "hide_labels", False),
        scores=not getattr(options, "hide_scores", False),
    )
