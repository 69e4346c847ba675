"""Every --pre step in one table: its arguments with type, range and default, and what it keeps. Plain Python.

A new step is a row here and a function of the same name and argument names in enhance.py (or geometry.py where it
moves pixels).
"""

from dlcli.frozen import dataclass

Value = int | float | str


@dataclass(frozen=True)
class Argument:
    """low and high are inclusive. default None: must be given, unless `optional`."""

    name: str
    kind: type[int] | type[float] | type[str]
    low: float = 0
    high: float = 0
    default: Value | None = None
    optional: bool = False
    choices: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        return self.default is None and not self.optional

    def describe(self) -> str:
        """What may stand here: "a number from 0.1 to 10"."""
        if self.choices:
            return " or ".join(self.choices)
        noun = "a whole number" if self.kind is int else "a number"
        return f"{noun} from {show_value(self.low)} to {show_value(self.high)}"


@dataclass(frozen=True)
class Form:
    """One step: what may be written, and whether it keeps the place of pixels and 16 bits a sample."""

    name: str
    arguments: tuple[Argument, ...] = ()
    keeps_geometry: bool = True
    keeps_16_bit: bool = True
    aliases: tuple[str, ...] = ()
    help: str = ""

    @property
    def example(self) -> str:
        """The valid form: "clahe(clip=2, grid=8)", "gamma(g)", "resize(w[, h])"."""
        parts = []
        for argument in self.arguments:
            if argument.default is not None:
                parts.append(f"{argument.name}={show_value(argument.default)}")
            else:
                parts.append(argument.name if argument.required else f"[{argument.name}]")
        return f"{self.name}({', '.join(parts)})" if parts else self.name


def show_value(value: Value) -> str:
    """The shortest text that reads back as the same value: 2 for 2.0."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


_LONGEST_SIDE = 8192

FORMS: tuple[Form, ...] = (
    Form(
        "clahe",
        (Argument("clip", float, 0.1, 100, 2.0), Argument("grid", int, 1, 64, 8)),
        help="local contrast: CLAHE on L of LAB; clip means the same on 8 and 16 bits, and all levels of 16 are kept",
    ),
    Form("gamma", (Argument("g", float, 0.05, 20),), help="out = max * (v/max)^g; below 1 brightens"),
    Form("gray", aliases=("grey",), help="luma in all three channels"),
    Form("equalize", keeps_16_bit=False, aliases=("equalise",), help="global histogram equalization of L"),
    Form(
        "denoise",
        (
            Argument("method", str, default="bilateral", choices=("bilateral", "nlmeans")),
            Argument("strength", float, 0.1, 100, 10.0),
        ),
        keeps_16_bit=False,
        help="smooth noise, keep edges; nlmeans is slower and better",
    ),
    Form(
        "sharpen",
        (Argument("amount", float, 0, 10, 1.0), Argument("radius", float, 0.1, 50, 1.0)),
        help="unsharp mask",
    ),
    Form("white_balance", help="gray world"),
    Form(
        "stretch",
        (Argument("low", float, 0, 100, 0.5), Argument("high", float, 0, 100, 99.5)),
        help="the values at these percentiles of the image's own become black and white, the same for all channels",
    ),
    Form(
        "resize",
        (
            Argument("w", int, 1, _LONGEST_SIDE),
            Argument("h", int, 1, _LONGEST_SIDE, optional=True),
            Argument("method", str, optional=True, choices=("nearest", "smooth")),
        ),
        keeps_geometry=False,
        help="to w x h; without h the longer side becomes w. method: smooth, or nearest, which makes no new values; "
        "unless given, preprocess takes nearest for palettes and for masks of up to 32 shades of gray",
    ),
    Form(
        "letterbox",
        (
            Argument("w", int, 1, _LONGEST_SIDE),
            Argument("h", int, 1, _LONGEST_SIDE, optional=True),
            Argument("fill", int, 0, 255, 114),
        ),
        keeps_geometry=False,
        help="fitted and centered in w x h (without h: w x w), the rest filled",
    ),
)

BY_NAME: dict[str, Form] = {name: form for form in FORMS for name in (form.name, *form.aliases)}
