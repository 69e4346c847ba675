"""Options on what --save redacted makes unrecognizable, which several tasks have, and what they come to. Light."""

from enum import StrEnum
from typing import Any

from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.tasks.labels import chosen_classes, named_classes
from dlcli.tasks.options import option

REDACTED = "redacted"  # the kind of --save
PANEL = "Redaction"
HELP = (
    "--save redacted writes redacted/TREE/NAME, a copy in which the classes of --redact cannot be recognized, without "
    "any metadata. What the model misses stays visible: look at every image; --conf 0.1 and below covers doubtful "
    "boxes too."
)


class RedactStyle(StrEnum):
    """box alone leaves nothing; the others leave a few colors."""

    BLUR = "blur"
    PIXELATE = "pixelate"
    BOX = "box"


REDACT = option("Classes to redact with --save redacted, by name or id: person,car.", panel=PANEL, metavar="LIST")
REDACT_STYLE = option("blur and pixelate leave at most 6 cells of color across; box leaves nothing.", panel=PANEL)
REDACT_PADDING = option("Redact this much around, as a fraction of the longer side.", panel=PANEL, min=0, max=1)


@dataclass(frozen=True)
class Redaction:
    """What is made unrecognizable. class_ids: ascending."""

    class_ids: tuple[int, ...]
    labels: tuple[str, ...]
    style: RedactStyle
    padding: float

    def fields(self, regions: int) -> dict[str, Any]:
        """As records have it. regions: how many boxes or regions were covered."""
        return {
            "redacted": {
                "labels": list(self.labels),
                "style": self.style.value,
                "padding": self.padding,
                "regions": regions,
            }
        }


def redaction_of(options: Any, labels: tuple[str, ...]) -> Redaction | None:
    """What the options ask for, of a model with these labels; None for nothing. UsageError: an unknown class."""
    if not options.redact:
        return None
    found = named_classes(labels, options.redact, "--redact")
    chosen = chosen_classes(labels, options.classes, options.exclude_classes)
    for class_id in found:
        if chosen is not None and not chosen[class_id]:
            which = "--classes" if options.classes else "--exclude-classes"
            raise UsageError(
                f"--redact {options.redact}: {which} leaves {labels[class_id]} out, so it would stay visible"
            )
    return Redaction(found, tuple(labels[i] for i in found), options.redact_style, options.redact_padding)


def check_redaction(options: Any, batch: Any) -> None:
    """UsageError: --redact and --save redacted come together or not at all."""
    saved = REDACTED in [word.strip() for word in batch.save.split(",")]
    if saved and not options.redact:
        raise UsageError("--save redacted: say what is to be unrecognizable: --redact person,car")
    if options.redact and not saved:
        raise UsageError(f"--redact {options.redact}: says what --save redacted makes unrecognizable; add it")
    usual = type(options).redact_style, type(options).redact_padding
    if not options.redact and (options.redact_style, options.redact_padding) != usual:
        raise UsageError("--redact-style and --redact-padding: say how --redact works; add it")


SCHEMA = {
    "description": "what --save redacted made unrecognizable",
    "type": "object",
    "additionalProperties": False,
    "required": ["labels", "style", "padding", "regions"],
    "properties": {
        "labels": {"type": "array", "items": {"type": "string"}},
        "style": {"enum": [style.value for style in RedactStyle]},
        "padding": {"type": "number", "minimum": 0, "maximum": 1},
        "regions": {"description": "how many boxes or connected regions", "type": "integer", "minimum": 0},
    },
}
