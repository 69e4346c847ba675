"""Options of `dlcli style-transfer`. Light."""

from dataclasses import fields
from enum import StrEnum
from typing import Annotated

from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.models import BUNDLED
from dlcli.tasks.options import MODEL, RUNTIMES, Device, option

LOOK, SLOW = "Style", "Only with --method optimize"


class Method(StrEnum):
    FAST = "fast"
    OPTIMIZE = "optimize"


RECORDED = {"optimize": "optimise"}  # words: keep; records have kept their spelling


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


def bundled_styles() -> dict[str, str]:
    """Names of the styles that dlcli carries, and their files."""
    return {path.stem: str(path) for path in sorted((BUNDLED / "styles").glob("*.jpg"))}


STYLE_HELP = f"One of {', '.join(bundled_styles())}, or the file of an image. Repeat to blend."
PAINTER, ANY_STYLE = "painter", "any"  # bundled models: of the bundled styles, and of any image


@dataclass(frozen=True)
class StyleOptions:
    """Options of `dlcli style-transfer` beside those of every image command.

    Those that only --method optimize knows are None unless they are given, so that fast can refuse them.
    """

    style: Annotated[
        list[str] | None,
        option(STYLE_HELP, panel=LOOK, metavar="STYLE"),
    ] = None
    method: Annotated[
        Method,
        option("fast: one pass of a style model. optimize: slow, follows a style closer; needs torch.", panel=LOOK),
    ] = Method.FAST
    blend: Annotated[
        str, option("Weights of several styles, in order: 0.7,0.3; default equal.", panel=LOOK, metavar="LIST")
    ] = ""
    strength: Annotated[float, option("Opacity of the stylized image over the original.", panel=LOOK, min=0, max=1)] = (
        1.0
    )
    preserve_color: Annotated[
        bool, option("Keep the original colors; transfer only the strokes.", "--preserve-color", panel=LOOK)
    ] = False
    size: Annotated[
        int,
        option(
            "Longer side in pixels to paint at. Default: optimize 512, which is then the result's; fast the image's "
            "own, or 1280 where it is larger (0.8 GB), enlarged again.",
            panel=LOOK,
            min=0,
            max=8192,
        ),
    ] = 0
    model: Annotated[
        str,
        option(
            "Style model of --method fast: bundled, an .onnx file or a run. Default: painter for bundled styles, any "
            "where an image is among them.",
            "--model",
            metavar="MODEL",
            panel=MODEL,
        ),
    ] = ""
    device: Annotated[Device, option("Device of --method fast.", panel=RUNTIMES)] = Device.AUTO
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
        Init | None, option("Initial image; default content. For noise raise --content-weight.", panel=SLOW)
    ] = None
    features: Annotated[
        FeatureNet | None, option("Feature network of the losses; default lite, which is bundled.", panel=SLOW)
    ] = None
    seed: Annotated[int | None, option("Seed of --init noise; default 0.", panel=SLOW, min=0)] = None
    save_every: Annotated[int | None, option("Also save the image every N steps, in steps/.", panel=SLOW, min=1)] = None
    plot: Annotated[bool | None, option("Also draw the losses, in losses/.", "--plot", panel=SLOW)] = None


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
        raise UsageError(f"--blend {options.blend}: expected {_one_of_each(styles)}")
    return tuple(share / sum(given) for share in given)


def _one_of_each(styles: list[str]) -> str:
    """ "3 numbers above 0, one for each --style, such as 1,1,1" """
    if len(styles) == 1:
        return "one number, since --style is given once; repeat --style, or leave --blend out"
    return f"{len(styles)} numbers above 0, one for each --style, such as {','.join('1' * len(styles))}"


def _only_slow(options: StyleOptions) -> str:
    """The first option that is given and that --method fast does not know; "" if none is."""
    given = [field.name for field in fields(options) if field.default is None and getattr(options, field.name)]
    given = [name for name in given if name != "style"]
    given += [field.name for field in fields(options) if getattr(options, field.name) == 0 and field.default is None]
    return "--" + given[0].replace("_", "-") if given else ""
