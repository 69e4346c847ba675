"""The --pre chain: parsed to checked Steps in plain Python, printed back as the same text, and applied to pixels."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dlcli.frozen import dataclass
from dlcli.imaging.steps.parser import parse_chain
from dlcli.imaging.steps.table import BY_NAME, Form, Value, show_value

if TYPE_CHECKING:
    import numpy as np

    from dlcli.imaging.geometry import Placement


@dataclass(frozen=True)
class Step:
    """One checked step. values: (name, value) pairs in the table's order, defaults filled in.

    str(step) is its canonical text, and parse_steps(str(step)) == (step,).
    """

    name: str
    values: tuple[tuple[str, Value], ...] = ()

    @property
    def form(self) -> Form:
        return BY_NAME[self.name]

    @property
    def keeps_geometry(self) -> bool:
        """Whether boxes found afterwards are boxes of the original image as they stand."""
        return self.form.keeps_geometry

    @property
    def keeps_16_bit(self) -> bool:
        """Whether uint16 pixels stay uint16; otherwise they are narrowed before the step."""
        return self.form.keeps_16_bit

    def __str__(self) -> str:
        required = {argument.name for argument in self.form.arguments if argument.required}
        parts = [
            show_value(value) if name in required else f"{name}={show_value(value)}" for name, value in self.values
        ]
        return f"{self.name}({','.join(parts)})" if parts else self.name


def parse_steps(text: str) -> tuple[Step, ...]:
    """ "clahe(clip=2,grid=8) | gamma(0.8)" -> its Steps; blank text -> (). Raises UsageError with a caret."""
    return tuple(Step(form.name, tuple(values.items())) for form, values in parse_chain(text))


def format_steps(steps: Sequence[Step]) -> str:
    """The canonical text of a chain; parse_steps reads it back."""
    return " | ".join(map(str, steps))


def apply_steps(pixels: "np.ndarray", steps: Sequence[Step]) -> "tuple[np.ndarray, Placement | None]":
    """Run a chain over RGB [H, W, 3], uint8 or uint16.

    Returns the new pixels (the same array where there is no step) and, where a step moved pixels, the Placement whose
    `to_source` maps boxes of the result back to the image given; else None. uint16 pixels stay uint16 up to the
    first step that works on 8 bits only.
    """
    from dlcli.imaging.depth import to_8_bit
    from dlcli.imaging.steps import enhance

    placement = None
    for step in steps:
        if not step.keeps_16_bit:
            pixels = to_8_bit(pixels)
        if step.keeps_geometry:
            pixels = getattr(enhance, step.name)(pixels, **dict(step.values))
            continue
        pixels, moved = _move(pixels, step.name, dict(step.values))
        placement = placement.then(moved) if placement else moved
    return pixels, placement


def _move(pixels: "np.ndarray", name: str, values: dict[str, Any]) -> "tuple[np.ndarray, Placement]":
    from dlcli.imaging import geometry

    if name == "resize":
        return geometry.resize(pixels, **values)
    return geometry.letterbox(pixels, (values["w"], values.get("h", values["w"])), values["fill"])
