"""`dlcli style-transfer`: its options and how it is loaded. Light; worker.py and optimise.py are heavy."""

from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar

from dlcli.errors import UsageError
from dlcli.tasks.contract import Predictor, TaskDefaults
from dlcli.tasks.options import RUNTIMES, Device, option

LOOK, SLOW = "How it looks", "Only with --method optimise"


class Method(StrEnum):
    FAST = "fast"
    OPTIMISE = "optimise"


class Optimizer(StrEnum):
    LBFGS = "lbfgs"
    ADAM = "adam"


class Init(StrEnum):
    CONTENT = "content"
    STYLE = "style"
    NOISE = "noise"


class FeatureNet(StrEnum):
    LITE = "lite"
    VGG19 = "torchvision/vgg19"


@dataclass(frozen=True)
class StyleOptions:
    """Options of `dlcli style-transfer` beside those of every picture command.

    Those that only --method optimise knows are None unless they are given, so that fast can refuse them.
    """

    style: Annotated[
        list[str] | None,
        option("A bundled style, or with --method optimise a picture. Repeat to blend.", panel=LOOK, metavar="STYLE"),
    ] = None
    method: Annotated[
        Method,
        option("fast: one pass of a trained painter. optimise: slow, for any style; needs dlcli[train].", panel=LOOK),
    ] = Method.FAST
    blend: Annotated[
        str, option("Shares of several styles, in their order: 0.7,0.3; default equal.", panel=LOOK, metavar="LIST")
    ] = ""
    strength: Annotated[
        float, option("How much of the painting is laid over the picture.", panel=LOOK, min=0, max=1)
    ] = 1.0
    preserve_color: Annotated[
        bool, option("Keep the picture's own colours, take only the strokes.", "--preserve-color", panel=LOOK)
    ] = False
    size: Annotated[
        int,
        option(
            "Longer side in pixels to paint at. Default: optimise 512, which is then the result's; fast the picture's "
            "own, or 1280 where it is larger (0.8 GB), enlarged again.",
            panel=LOOK,
            min=0,
            max=8192,
        ),
    ] = 0
    model: Annotated[
        str, option("The painter of --method fast: a bundled model, an .onnx file or a run.", "--model", panel=RUNTIMES)
    ] = "painter"
    device: Annotated[Device, option("The hardware of --method fast.", panel=RUNTIMES)] = Device.AUTO
    steps: Annotated[
        int | None, option("Steps at each size, from coarse to fine; default 100.", panel=SLOW, min=1, max=100_000)
    ] = None
    content_weight: Annotated[
        float | None, option("Weight of the content loss; default 1.", panel=SLOW, min=0, max=1e9)
    ] = None
    style_weight: Annotated[
        float | None, option("Weight of the style loss; default 200.", panel=SLOW, min=0, max=1e9)
    ] = None
    variation_weight: Annotated[
        float | None, option("Weight of the total variation; default 20.", panel=SLOW, min=0, max=1e9)
    ] = None
    optimizer: Annotated[Optimizer | None, option("Default lbfgs.", panel=SLOW)] = None
    init: Annotated[
        Init | None, option("What to start from; default content. For noise raise --content-weight.", panel=SLOW)
    ] = None
    features: Annotated[
        FeatureNet | None, option("The network that compares; default lite, which dlcli carries.", panel=SLOW)
    ] = None
    seed: Annotated[int | None, option("Seed of --init noise; default 0.", panel=SLOW, min=0)] = None
    save_every: Annotated[
        int | None, option("Also keep the picture every so many steps, in steps/.", panel=SLOW, min=1)
    ] = None
    plot: Annotated[bool | None, option("Also draw the losses, in losses/.", "--plot", panel=SLOW)] = None


class StyleTask(TaskDefaults):
    """Pictures painted anew."""

    name: ClassVar[str] = "style-transfer"
    help: ClassVar[str] = "Paint pictures in the manner of others."
    options: ClassVar[type] = StyleOptions
    saves: ClassVar[tuple[str, ...]] = ("picture",)
    noun: ClassVar[str] = "painted picture"
    needs_out: ClassVar[bool] = True

    def check(self, options: StyleOptions) -> None:
        if not options.style:
            raise UsageError("--style: say which; bundled are " + ", ".join(bundled_styles()))
        if 0 < options.size < SMALLEST_SIZE:
            raise UsageError(f"--size {options.size}: expected at least {SMALLEST_SIZE} pixels")
        if options.method is Method.FAST and options.size > LARGEST_FAST:
            raise UsageError(
                f"--size {options.size}: --method fast paints at {LARGEST_FAST} pixels at most, which takes 3 GB; a "
                "larger picture is painted smaller and enlarged again"
            )
        if options.method is Method.FAST and (given := _only_slow(options)):
            raise UsageError(f"{given}: only --method optimise can do that; add it, or leave {given} out")
        shares(options)

    def load(self, options: StyleOptions, threads: int, workers: int) -> Predictor:
        if options.method is Method.OPTIMISE:
            from dlcli.tasks.style_transfer.optimize import load_optimiser

            return load_optimiser(options, threads * workers)
        from dlcli.tasks.style_transfer.predictor import load_painter

        return load_painter(options, threads, workers)

    def schema(self) -> dict[str, Any]:
        return {"required": ["method", "styles", "outputs"], "properties": _PROPERTIES}

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        return [painted_name(place), steps_folder(place), plot_name(place)] if saves else []


SMALLEST_SIZE, LARGEST_FAST = 32, 2560


def shares(options: StyleOptions) -> tuple[float, ...]:
    """The share of each style, adding up to 1. UsageError: --blend is not a number above 0 for each."""
    styles = options.style or []
    if not options.blend:
        return tuple(1 / len(styles) for _ in styles)
    try:
        given = [float(word) for word in options.blend.split(",")]
    except ValueError:
        given = []
    if len(given) != len(styles) or not all(0 < share < 1e6 for share in given):
        raise UsageError(f"--blend {options.blend}: expected {len(styles)} numbers above 0, such as 0.7,0.3")
    return tuple(share / sum(given) for share in given)


def bundled_styles() -> dict[str, str]:
    """Names of the styles that dlcli carries, and their files."""
    from dlcli.models.store import BUNDLED

    return {path.stem: str(path) for path in sorted((BUNDLED / "styles").glob("*.jpg"))}


def painted_name(place: PurePosixPath) -> PurePosixPath:
    """The painted picture keeps its name; formats that are not written become PNG."""
    written = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}
    return place if place.suffix.lower() in written else place.with_name(place.name + ".png")


def steps_folder(place: PurePosixPath) -> PurePosixPath:
    """steps/<tree>/<name>/ holds the pictures of --save-every."""
    return PurePosixPath("steps") / place


def plot_name(place: PurePosixPath) -> PurePosixPath:
    """losses/<tree>/<name>.png."""
    return PurePosixPath("losses") / place.with_name(place.name + ".png")


def _only_slow(options: StyleOptions) -> str:
    """The first option that is given and that --method fast does not know; "" if none is."""
    given = [field.name for field in fields(options) if field.default is None and getattr(options, field.name)]
    given = [name for name in given if name != "style"]
    given += [field.name for field in fields(options) if getattr(options, field.name) == 0 and field.default is None]
    return "--" + given[0].replace("_", "-") if given else ""


_LOSS = {"type": "number", "minimum": 0}
_PROPERTIES = {
    "outputs": {"type": "array", "items": {"type": "string"}, "description": "files below --out"},
    "method": {"enum": [method.value for method in Method]},
    "styles": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["style", "share"],
            "properties": {"style": {"type": "string"}, "share": {"type": "number", "minimum": 0, "maximum": 1}},
        },
    },
    "losses": {
        "description": "the three losses of --method optimise at the end, before their weights",
        "type": "object",
        "additionalProperties": False,
        "required": ["content", "style", "variation"],
        "properties": {"content": _LOSS, "style": _LOSS, "variation": _LOSS},
    },
}

TASK = StyleTask()
