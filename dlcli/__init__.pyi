"""Written by `python -m dlcli.cli.reference docs` from the options of all tasks; a test holds that it is so."""

from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Literal, overload

from dlcli.api.loaded import Loaded as Loaded
from dlcli.api.source import Image as Image
from dlcli.errors import DataError as DataError
from dlcli.errors import DlcliError as DlcliError
from dlcli.errors import ImageError as ImageError
from dlcli.errors import MissingError as MissingError
from dlcli.errors import UsageError as UsageError
from dlcli.tasks.classify.image_result import ClassifyResult as ClassifyResult
from dlcli.tasks.detect.image_result import DetectResult as DetectResult
from dlcli.tasks.preprocess.image_result import PreprocessResult as PreprocessResult
from dlcli.tasks.segment.image_result import SegmentResult as SegmentResult
from dlcli.tasks.style_transfer.image_result import StyleResult as StyleResult

__version__: str

@overload
def classify(  # type: ignore[overload-overlap]
    image: Image,
    *,
    model: str | PathLike[str] = "imagenet",
    runtime: Literal["auto", "onnx", "torch", "openvino"] = "auto",
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    top: int = 5,
    threshold: float | None = None,
    classes: str | Sequence[str | float] = "",
    exclude_classes: str | Sequence[str | float] = "",
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> ClassifyResult: ...
@overload
def classify(
    image: Iterable[Image],
    *,
    model: str | PathLike[str] = "imagenet",
    runtime: Literal["auto", "onnx", "torch", "openvino"] = "auto",
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    top: int = 5,
    threshold: float | None = None,
    classes: str | Sequence[str | float] = "",
    exclude_classes: str | Sequence[str | float] = "",
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> list[ClassifyResult]:
    """Say what images show; sort them into folders.

    Arguments:
        image: a path, the bytes of a file, or an array uint8 [H, W, 3] of red, green and blue; or
            several of them, for a list of results in their order.
        model: A bundled model, an .onnx file or a run folder.
        runtime: auto follows the model: .onnx onnx, a run or safetensors torch; openvino: extra
            [openvino]. One of auto, onnx, torch, openvino.
        device: Device; auto: cuda where there is one, else cpu. Others need a build of ONNX Runtime
            that has them; dlcli doctor names those that are here. One of auto, cpu, cuda, tensorrt,
            coreml, directml, openvino, xnnpack.
        top: Number of top classes to report. At least 1.
        threshold: Only classes with at least this probability; default 0, or 0.5 for a model of several
            classes an image. 0 to 1.
        classes: Only these classes, by name or id: cat,dog; scores stay those among all classes.
        exclude_classes: Without these classes; scores stay those among all classes.
        pre: Steps before anything else is done with an image, such as 'clahe(clip=2,grid=8) |
            gamma(0.8)'. The steps: clahe(clip=2, grid=8), gamma(g), gray, equalize,
            denoise(method=bilateral, strength=10), sharpen(amount=1, radius=1), white_balance,
            stretch(low=0.5, high=99.5), resize(w, [h], [method]), letterbox(w, [h], fill=114).
        range: Of samples of more than 8 bits: the values that become black and white, such as 0,4000,
            or percentile for the 1st and the 99th of each image. Numbers with signs, fractions or over
            16 bits are refused without it.
        max_pixels: Refuse images with more pixels, by their header. At least 1.
        timeout_per_image: Give up on an image after this many seconds; 0: never. At least 0.
        threads: Total threads; 0: as many as are available. 0 to 256.

    Returns ClassifyResult:
        classes: best first; the result is a sequence of them.

    Raises:
        ImageError: an image cannot be used; its `kind` is a word for programs. UsageError: a value is
        wrong. MissingError: there is no such model, or an extra is not installed. DataError: the model
        file is unusable.
    """

@overload
def detect(  # type: ignore[overload-overlap]
    image: Image,
    *,
    model: str | PathLike[str] = "coco",
    runtime: Literal["auto", "onnx", "torch", "openvino"] = "auto",
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    conf: float = 0.25,
    iou: float = 0.45,
    classes: str | Sequence[str | float] = "",
    exclude_classes: str | Sequence[str | float] = "",
    max_det: int = 300,
    tile: bool = False,
    tile_size: int = 640,
    tile_overlap: float = 0.2,
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> DetectResult: ...
@overload
def detect(
    image: Iterable[Image],
    *,
    model: str | PathLike[str] = "coco",
    runtime: Literal["auto", "onnx", "torch", "openvino"] = "auto",
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    conf: float = 0.25,
    iou: float = 0.45,
    classes: str | Sequence[str | float] = "",
    exclude_classes: str | Sequence[str | float] = "",
    max_det: int = 300,
    tile: bool = False,
    tile_size: int = 640,
    tile_overlap: float = 0.2,
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> list[DetectResult]:
    """Find objects: a box, a label and a score for each.

    Arguments:
        image: a path, the bytes of a file, or an array uint8 [H, W, 3] of red, green and blue; or
            several of them, for a list of results in their order.
        model: A bundled model, an .onnx file or a run folder.
        runtime: auto follows the model: .onnx onnx, a run or safetensors torch; openvino: extra
            [openvino]. One of auto, onnx, torch, openvino.
        device: Device; auto: cuda where there is one, else cpu. Others need a build of ONNX Runtime
            that has them; dlcli doctor names those that are here. One of auto, cpu, cuda, tensorrt,
            coreml, directml, openvino, xnnpack.
        conf: Score threshold: keep boxes with at least this score. 0 to 1.
        iou: IoU threshold for NMS, per class. 0 to 1.
        classes: Only these classes, by name or id: dog,cat.
        exclude_classes: Without these classes.
        max_det: Maximum number of boxes per image; the best are kept. At least 1.
        tile: Also run on overlapping tiles, to find small objects.
        tile_size: Tile side in pixels. At least 64.
        tile_overlap: Tile overlap, as a fraction of the side. 0 to 0.9.
        pre: Steps before anything else is done with an image, such as 'clahe(clip=2,grid=8) |
            gamma(0.8)'. The steps: clahe(clip=2, grid=8), gamma(g), gray, equalize,
            denoise(method=bilateral, strength=10), sharpen(amount=1, radius=1), white_balance,
            stretch(low=0.5, high=99.5), resize(w, [h], [method]), letterbox(w, [h], fill=114).
        range: Of samples of more than 8 bits: the values that become black and white, such as 0,4000,
            or percentile for the 1st and the 99th of each image. Numbers with signs, fractions or over
            16 bits are refused without it.
        max_pixels: Refuse images with more pixels, by their header. At least 1.
        timeout_per_image: Give up on an image after this many seconds; 0: never. At least 0.
        threads: Total threads; 0: as many as are available. 0 to 256.

    Returns DetectResult:
        detections: best first; the result is a sequence of them. truncated: `max_det` cut the list.

    Raises:
        ImageError: an image cannot be used; its `kind` is a word for programs. UsageError: a value is
        wrong. MissingError: there is no such model, or an extra is not installed. DataError: the model
        file is unusable.
    """

@overload
def preprocess(  # type: ignore[overload-overlap]
    image: Image,
    *,
    white_balance: bool = False,
    denoise: float | None = None,
    clahe: float | None = None,
    gamma: float | None = None,
    sharpen: float | None = None,
    resize: str = "",
    for_: str | PathLike[str] = "",
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> PreprocessResult: ...
@overload
def preprocess(
    image: Iterable[Image],
    *,
    white_balance: bool = False,
    denoise: float | None = None,
    clahe: float | None = None,
    gamma: float | None = None,
    sharpen: float | None = None,
    resize: str = "",
    for_: str | PathLike[str] = "",
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> list[PreprocessResult]:
    """Enhance, resize, convert or check images.

    Arguments:
        image: a path, the bytes of a file, or an array uint8 [H, W, 3] of red, green and blue; or
            several of them, for a list of results in their order.
        white_balance: Gray-world white balance: removes a color cast.
        denoise: Denoise: smooth noise of about this many gray levels, such as 10.
        clahe: CLAHE: local contrast with this clip limit, such as 2; 8 and 16 bits get the same effect,
            and 16 keep all levels.
        gamma: Gamma: below 1 brightens, above 1 darkens, such as 0.8.
        sharpen: Unsharp mask with this amount, such as 1.
        resize: The longer side, 640, or both, 640x480.
        for_: Write exactly what this model sees, as PNG, and record how to map back to the image.
        pre: Steps before anything else is done with an image, such as 'clahe(clip=2,grid=8) |
            gamma(0.8)'. The steps: clahe(clip=2, grid=8), gamma(g), gray, equalize,
            denoise(method=bilateral, strength=10), sharpen(amount=1, radius=1), white_balance,
            stretch(low=0.5, high=99.5), resize(w, [h], [method]), letterbox(w, [h], fill=114).
        range: Of samples of more than 8 bits: the values that become black and white, such as 0,4000,
            or percentile for the 1st and the 99th of each image. Numbers with signs, fractions or over
            16 bits are refused without it.
        max_pixels: Refuse images with more pixels, by their header. At least 1.
        timeout_per_image: Give up on an image after this many seconds; 0: never. At least 0.
        threads: Total threads; 0: as many as are available. 0 to 256.

    Returns PreprocessResult:
        pixels: [h, w, 3] after the steps; uint16 where the file has 16 bits and every step keeps them.
        size: (width, height) of the pixels. placement: where the upright image lies in them. bits: 8 or
        16. pages_left_out: of the file, after the first page or frame.

    Raises:
        ImageError: an image cannot be used; its `kind` is a word for programs. UsageError: a value is
        wrong. MissingError: there is no such model, or an extra is not installed. DataError: the model
        file is unusable.
    """

@overload
def segment(  # type: ignore[overload-overlap]
    image: Image,
    *,
    model: str | PathLike[str] = "voc-seg",
    runtime: Literal["auto", "onnx", "torch", "openvino"] = "auto",
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    classes: str | Sequence[str | float] = "",
    exclude_classes: str | Sequence[str | float] = "",
    min_share: float = 0.0,
    tile: bool = False,
    tile_size: int = 640,
    tile_overlap: float = 0.5,
    tile_merge: Literal["scale", "finest", "mean"] = "scale",
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> SegmentResult: ...
@overload
def segment(
    image: Iterable[Image],
    *,
    model: str | PathLike[str] = "voc-seg",
    runtime: Literal["auto", "onnx", "torch", "openvino"] = "auto",
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    classes: str | Sequence[str | float] = "",
    exclude_classes: str | Sequence[str | float] = "",
    min_share: float = 0.0,
    tile: bool = False,
    tile_size: int = 640,
    tile_overlap: float = 0.5,
    tile_merge: Literal["scale", "finest", "mean"] = "scale",
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> list[SegmentResult]:
    """Give every pixel a class: masks, overlays, cutouts.

    Arguments:
        image: a path, the bytes of a file, or an array uint8 [H, W, 3] of red, green and blue; or
            several of them, for a list of results in their order.
        model: A bundled model, an .onnx file or a run folder.
        runtime: auto follows the model: .onnx onnx, a run or safetensors torch; openvino: extra
            [openvino]. One of auto, onnx, torch, openvino.
        device: Device; auto: cuda where there is one, else cpu. Others need a build of ONNX Runtime
            that has them; dlcli doctor names those that are here. One of auto, cpu, cuda, tensorrt,
            coreml, directml, openvino, xnnpack.
        classes: Only these classes, by name or id: dog,cat; others become background.
        exclude_classes: Without these classes: they become background.
        min_share: A class that covers less than this fraction becomes background. 0 to 1.
        tile: Run on overlapping, blended tiles, for large images.
        tile_size: Tile side in pixels, rounded to a multiple of the network's stride. 64 to 8192.
        tile_overlap: Tile overlap, as a fraction of the side. 0 to 0.9.
        tile_merge: Which look decides where tiles of several sizes differ. scale: a coarser one where a
            region is larger than the next finer tile, elsewhere the finer one; finest: the tiles of
            --tile-size alone; mean: all alike, for one large thing. One of scale, finest, mean.
        pre: Steps before anything else is done with an image, such as 'clahe(clip=2,grid=8) |
            gamma(0.8)'. The steps: clahe(clip=2, grid=8), gamma(g), gray, equalize,
            denoise(method=bilateral, strength=10), sharpen(amount=1, radius=1), white_balance,
            stretch(low=0.5, high=99.5), resize(w, [h], [method]), letterbox(w, [h], fill=114).
        range: Of samples of more than 8 bits: the values that become black and white, such as 0,4000,
            or percentile for the 1st and the 99th of each image. Numbers with signs, fractions or over
            16 bits are refused without it.
        max_pixels: Refuse images with more pixels, by their header. At least 1.
        timeout_per_image: Give up on an image after this many seconds; 0: never. At least 0.
        threads: Total threads; 0: as many as are available. 0 to 256.

    Returns SegmentResult:
        classes: those that are there without the background, the largest first; the result is a
        sequence of them. mask: uint8 [H, W], the class of every pixel of the upright image, 255 for
        none. labels: the model's, by class id.

    Raises:
        ImageError: an image cannot be used; its `kind` is a word for programs. UsageError: a value is
        wrong. MissingError: there is no such model, or an extra is not installed. DataError: the model
        file is unusable.
    """

@overload
def style_transfer(  # type: ignore[overload-overlap]
    image: Image,
    *,
    model: str | PathLike[str] = "",
    style: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    method: Literal["fast", "optimize"] = "fast",
    blend: str | Sequence[str | float] = "",
    strength: float = 1.0,
    preserve_color: bool = False,
    size: int = 0,
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    steps: int | None = None,
    content_weight: float | None = None,
    style_weight: float | None = None,
    variation_weight: float | None = None,
    optimizer: Literal["lbfgs", "adam"] | None = None,
    init: Literal["content", "style", "noise"] | None = None,
    features: Literal["lite", "torchvision/vgg19"] | None = None,
    seed: int | None = None,
    save_every: int | None = None,
    plot: bool | None = None,
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> StyleResult: ...
@overload
def style_transfer(
    image: Iterable[Image],
    *,
    model: str | PathLike[str] = "",
    style: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    method: Literal["fast", "optimize"] = "fast",
    blend: str | Sequence[str | float] = "",
    strength: float = 1.0,
    preserve_color: bool = False,
    size: int = 0,
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    steps: int | None = None,
    content_weight: float | None = None,
    style_weight: float | None = None,
    variation_weight: float | None = None,
    optimizer: Literal["lbfgs", "adam"] | None = None,
    init: Literal["content", "style", "noise"] | None = None,
    features: Literal["lite", "torchvision/vgg19"] | None = None,
    seed: int | None = None,
    save_every: int | None = None,
    plot: bool | None = None,
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> list[StyleResult]:
    """Repaint images in the style of others.

    Arguments:
        image: a path, the bytes of a file, or an array uint8 [H, W, 3] of red, green and blue; or
            several of them, for a list of results in their order.
        model: Style model of --method fast: bundled, an .onnx file or a run. Default: painter for
            bundled styles, any where an image is among them.
        style: One of great-wave, san-giorgio, shipwreck, starry-night, water-lilies, wheat-field, or
            the file of an image. Repeat to blend.
        method: fast: one pass of a style model. optimize: slow, follows a style closer; needs torch.
            One of fast, optimize.
        blend: Weights of several styles, in order: 0.7,0.3; default equal.
        strength: Opacity of the stylized image over the original. 0 to 1.
        preserve_color: Keep the original colors; transfer only the strokes.
        size: Longer side in pixels to paint at. Default: optimize 512, which is then the result's; fast
            the image's own, or 1280 where it is larger (0.8 GB), enlarged again. 0 to 8192.
        device: Device of --method fast. One of auto, cpu, cuda, tensorrt, coreml, directml, openvino,
            xnnpack.
        steps: Steps at each size, from coarse to fine; default 100. 1 to 100000.
        content_weight: Weight of the content loss; default 1. 0 to 1e+09.
        style_weight: Weight of the style loss; default 200. 0 to 1e+09.
        variation_weight: Weight of the total variation; default 20. 0 to 1e+09.
        optimizer: Default lbfgs. One of lbfgs, adam.
        init: Initial image; default content. For noise raise --content-weight. One of content, style,
            noise.
        features: Feature network of the losses; default lite, which is bundled. One of lite,
            torchvision/vgg19.
        seed: Seed of --init noise; default 0. At least 0.
        save_every: Also save the image every N steps, in steps/. At least 1.
        plot: Also draw the losses, in losses/.
        pre: Steps before anything else is done with an image, such as 'clahe(clip=2,grid=8) |
            gamma(0.8)'. The steps: clahe(clip=2, grid=8), gamma(g), gray, equalize,
            denoise(method=bilateral, strength=10), sharpen(amount=1, radius=1), white_balance,
            stretch(low=0.5, high=99.5), resize(w, [h], [method]), letterbox(w, [h], fill=114).
        range: Of samples of more than 8 bits: the values that become black and white, such as 0,4000,
            or percentile for the 1st and the 99th of each image. Numbers with signs, fractions or over
            16 bits are refused without it.
        max_pixels: Refuse images with more pixels, by their header. At least 1.
        timeout_per_image: Give up on an image after this many seconds; 0: never. At least 0.
        threads: Total threads; 0: as many as are available. 0 to 256.

    Returns StyleResult:
        pixels: uint8 [H, W, 3], the painted image. styles: what it was painted as. losses: of
        method="optimize" at its end. plot: a PNG of their way, with plot=True. steps: (number, PNG) of
        images on the way, with save_every.

    Raises:
        ImageError: an image cannot be used; its `kind` is a word for programs. UsageError: a value is
        wrong. MissingError: there is no such model, or an extra is not installed. DataError: the model
        file is unusable.
    """

@overload
def load(
    task: Literal["classify"],
    *,
    model: str | PathLike[str] = "imagenet",
    runtime: Literal["auto", "onnx", "torch", "openvino"] = "auto",
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    top: int = 5,
    threshold: float | None = None,
    classes: str | Sequence[str | float] = "",
    exclude_classes: str | Sequence[str | float] = "",
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> Loaded[ClassifyResult]: ...
@overload
def load(
    task: Literal["detect"],
    *,
    model: str | PathLike[str] = "coco",
    runtime: Literal["auto", "onnx", "torch", "openvino"] = "auto",
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    conf: float = 0.25,
    iou: float = 0.45,
    classes: str | Sequence[str | float] = "",
    exclude_classes: str | Sequence[str | float] = "",
    max_det: int = 300,
    tile: bool = False,
    tile_size: int = 640,
    tile_overlap: float = 0.2,
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> Loaded[DetectResult]: ...
@overload
def load(
    task: Literal["preprocess"],
    *,
    white_balance: bool = False,
    denoise: float | None = None,
    clahe: float | None = None,
    gamma: float | None = None,
    sharpen: float | None = None,
    resize: str = "",
    for_: str | PathLike[str] = "",
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> Loaded[PreprocessResult]: ...
@overload
def load(
    task: Literal["segment"],
    *,
    model: str | PathLike[str] = "voc-seg",
    runtime: Literal["auto", "onnx", "torch", "openvino"] = "auto",
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    classes: str | Sequence[str | float] = "",
    exclude_classes: str | Sequence[str | float] = "",
    min_share: float = 0.0,
    tile: bool = False,
    tile_size: int = 640,
    tile_overlap: float = 0.5,
    tile_merge: Literal["scale", "finest", "mean"] = "scale",
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> Loaded[SegmentResult]: ...
@overload
def load(
    task: Literal["style-transfer", "style_transfer"],
    *,
    model: str | PathLike[str] = "",
    style: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
    method: Literal["fast", "optimize"] = "fast",
    blend: str | Sequence[str | float] = "",
    strength: float = 1.0,
    preserve_color: bool = False,
    size: int = 0,
    device: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml", "openvino", "xnnpack"] = "auto",
    steps: int | None = None,
    content_weight: float | None = None,
    style_weight: float | None = None,
    variation_weight: float | None = None,
    optimizer: Literal["lbfgs", "adam"] | None = None,
    init: Literal["content", "style", "noise"] | None = None,
    features: Literal["lite", "torchvision/vgg19"] | None = None,
    seed: int | None = None,
    save_every: int | None = None,
    plot: bool | None = None,
    pre: str | None = None,
    range: str | Sequence[str | float] = "",
    max_pixels: int = 100000000,
    timeout_per_image: float = 0.0,
    threads: int = 0,
) -> Loaded[StyleResult]: ...
