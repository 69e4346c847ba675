"""What each stage of an image's way takes: growth of the program's peak between two sizes, beside the estimate.

    python -m tests.benchmarks.memory FOLDER [WORD ...]

FOLDER: where the images of 12 and 24 megapixels are made and kept (1 GB). WORD: only settings whose name holds one.
Each setting runs `dlcli` afresh on an image of 0.06, 12 and 24 megapixels. "growth" is what the second adds to the
peak of the first, "slope" what the third adds to that of the second, both in bytes a pixel; "estimate" is what
dlcli/batch/memory/estimate.py tells for 12 megapixels, and "ratio" the estimate to the growth: it may not be below 1.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests.program import CAT, ROOT

SMALL, MIDDLE, LARGE = (300, 200), (4000, 3000), (6000, 4000)
EXIF_TURNED = 0x0112
KINDS = {
    "jpeg": ".jpg", "turned": ".jpg", "progressive": ".jpg", "cmyk": ".jpg", "rgb": ".png", "gray": ".png",
    "palette": ".png", "alpha": ".png", "rgb16": ".png", "gray16": ".png", "alpha16": ".png", "webp": ".webp",
    "webp-alpha": ".webp", "tiff": ".tiff", "tiff16": ".tiff", "bmp": ".bmp", "gif": ".gif",
}  # fmt: skip
CODE = """
import sys
from dlcli.batch.memory import limit as memory
from dlcli.cli.app import main
def told(plan, predictor, steps, workers):
    from dlcli.imaging.steps.chain import format_steps
    limit = make(plan, predictor, steps, workers)
    width, height, stored = memory.look_at(plan.sources[0])
    deep = plan.task.keeps_16_bit
    need = memory.estimate(plan.task, plan.options, steps, plan.saves, width, height, deep, stored)
    facts.update(need=need, base=limit.base)
    return limit
make, memory.memory_limit, facts, code = memory.memory_limit, told, {}, 0
try:
    main()
except SystemExit as end:
    code = end.code or 0
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("PEAK", code, int(peak) * 1024, facts.get("base", 0), facts.get("need", 0), file=open(sys.argv.pop(0), "w"))
"""


@dataclass(frozen=True)
class Peak:
    """code: the exit code. All else in bytes. base: what the program holds without an image, as it reckons itself.
    need: the estimate for the first image. error: what it said."""

    code: int
    peak: int
    base: int
    need: int
    error: str


def peak_of(*arguments: object, limit: str = "100GB") -> Peak:
    """`dlcli ARGUMENTS --max-memory LIMIT` as a process of its own, and its peak as the kernel saw it."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        code = CODE.replace("sys.argv.pop(0)", repr(str(told)))
        words = [*(str(word) for word in arguments), "--max-memory", limit]
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=600,
            check=False,
        )
        if not told.is_file():
            raise RuntimeError(done.stderr)
        _, *numbers = told.read_text().split()
        return Peak(*(int(number) for number in numbers), error=done.stderr)


def image(folder: Path, kind: str, size: tuple[int, int]) -> Path:
    """A photograph with some noise, enlarged to `size` and stored as `kind`; made once."""
    path = folder / f"{kind}-{size[0]}x{size[1]}{KINDS[kind]}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        pixels = cv2.resize(cv2.imread(str(CAT)), size, interpolation=cv2.INTER_CUBIC)
        noise = np.random.default_rng(0).normal(0, 6, pixels.shape)
        store(np.clip(pixels + noise, 0, 255).astype(np.uint8), kind, path)
    return path


def store(bgr: np.ndarray, kind: str, path: Path) -> None:
    deep = bgr.astype(np.uint16) * 257
    raw = {"rgb16": deep, "tiff16": deep, "gray16": deep[..., 0], "alpha16": np.dstack([deep, deep[..., 0]])}
    if kind in raw:
        cv2.imwrite(str(path), raw[kind])
        return
    image = Image.fromarray(np.ascontiguousarray(bgr[..., ::-1]))
    options: dict[str, object] = {".jpg": {"quality": 92}, ".png": {"compress_level": 1}}.get(KINDS[kind], {})
    if kind == "turned":
        options["exif"] = Image.Exif()
        options["exif"][EXIF_TURNED] = 6  # type: ignore[index]
    if kind == "progressive":
        options |= {"progressive": True, "subsampling": 0}
    if "alpha" in kind:
        image.putalpha(128)
    modes = {"cmyk": "CMYK", "gray": "L", "palette": "P"}
    (image.convert(modes[kind]) if kind in modes else image).save(path, **options)


def settings() -> list[tuple[str, str, list[str]]]:
    """(name, kind of image, arguments of dlcli without image and --out)."""
    chains = ["clahe", "gamma(0.8)", "gray", "equalize", "denoise", "sharpen", "white_balance", "resize(640)"]
    chains += ["resize(4000,3000)", "letterbox(3000)", "clahe | gamma(0.8) | sharpen"]
    deep = [chain for chain in chains if chain not in ("equalize", "denoise")]
    saves = {
        "detect": ["none", "annotated", "crops", "yolo,voc,labelme,coco"],
        "classify": ["annotated"],
        "segment": ["none", "index", "overlay", "masks", "cutouts", "yolo,labelme,coco"],
    }
    found = [(f"read {kind}", kind, ["classify"]) for kind in KINDS]
    found += [(f"--pre {chain}", "jpeg", ["classify", "--pre", chain]) for chain in chains]
    found += [(f"16 bits --pre {chain}", "rgb16", ["preprocess", "--pre", chain]) for chain in deep]
    found += [("16 bits --pre denoise", "rgb16", ["preprocess", "--pre", "denoise"])]
    found += [(f"{task} --save {save}", "jpeg", [task, "--save", save]) for task in saves for save in saves[task]]
    found += [(f"{task} --tile", "jpeg", [task, "--tile"]) for task in ("detect", "segment")]
    for kind in ("jpeg", "rgb", "rgb16"):
        for name in ("jpg", "png", "webp", "tiff"):
            found.append((f"preprocess {kind} to {name}", kind, ["preprocess", "--format", name]))
    for kind in ("jpeg", "rgb16"):
        found.append((f"preprocess {kind} --preview", kind, ["preprocess", "--gamma", "0.8", "--preview"]))
        found.append((f"preprocess {kind} --check", kind, ["preprocess", "--check"]))
        found.append((f"preprocess {kind} --for coco", kind, ["preprocess", "--for", "coco"]))
    paint = ["style-transfer", "--style", "starry-night"]
    for more in ([], ["--size", "640"], ["--preserve-color"], ["--strength", "0.5"]):
        found.append((" ".join(["style-transfer", *more]), "jpeg", [*paint, *more]))
    found.append(("style-transfer optimize", "jpeg", [*paint, "--method", "optimize", "--steps", "2", "--size", "320"]))
    return found


def writes(arguments: list[str]) -> bool:
    """Whether a run needs --out."""
    return "--save" in arguments or (arguments[0] in ("preprocess", "style-transfer") and "--check" not in arguments)


def measure(folder: Path, name: str, kind: str, arguments: list[str]) -> None:
    peaks = []
    for size in (SMALL, MIDDLE, LARGE):
        with tempfile.TemporaryDirectory() as out:
            words = [arguments[0], image(folder, kind, size), "--threads", 1, *arguments[1:]]
            peaks.append(peak_of(*words, *(["--out", f"{out}/out"] if writes(arguments) else [])))
    small, middle, large = peaks
    pixels, more = MIDDLE[0] * MIDDLE[1], LARGE[0] * LARGE[1] - MIDDLE[0] * MIDDLE[1]
    growth, slope = (middle.peak - small.peak) / pixels, (large.peak - middle.peak) / more
    print(
        f"{name:38s} growth {growth:6.2f} slope {slope:6.2f} estimate {middle.need / pixels:6.2f} "
        f"ratio {middle.need / max(1, middle.peak - small.peak):5.2f}; peak {middle.peak / 2**20:5.0f} MiB of at most "
        f"{(middle.base + middle.need) / 2**20:5.0f}, small {small.peak / 2**20:4.0f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("words", nargs="*")
    given = parser.parse_args()
    for name, kind, arguments in settings():
        if not given.words or any(word in name for word in given.words):
            measure(given.folder, name, kind, arguments)


if __name__ == "__main__":
    main()
