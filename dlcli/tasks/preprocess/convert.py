"""The way of `dlcli preprocess` as such: encode what the steps made, with the file's metadata; say what was lost."""

from dataclasses import replace
from typing import Any

import numpy as np

from dlcli.imaging.color.srgb import PROFILE as SRGB
from dlcli.imaging.file_info import Traits, read_traits
from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.geometry import Placement, unchanged
from dlcli.imaging.steps.chain import parse_steps
from dlcli.imaging.writer import encode_image, fitting, format_for, keeps_16_bit
from dlcli.records import DecodedImage, Source
from dlcli.tasks.contract import Closing, Predictor
from dlcli.tasks.preprocess.names import image_name
from dlcli.tasks.preprocess.notes import Notes
from dlcli.tasks.preprocess.result import Preprocessed


class Writing(Predictor):
    """Gathers what a run could not keep."""

    model = pre = ""

    def __init__(self) -> None:
        self.notes = Notes()

    def closing(self) -> Closing:
        return Closing(self.notes.lines())


class Converter(Writing):
    """See tasks.contract.Predictor. suffix: "" keeps each image's format. metadata: EXIF and XMP go along.

    keeps_colors: pixels come in the color space of their file, whose profile goes along; else in sRGB.
    """

    def __init__(self, suffix: str, quality: int, metadata: bool, steps: str, keeps_colors: bool = True):
        super().__init__()
        self.suffix, self.quality, self.metadata, self.steps = suffix, quality, metadata, steps
        self.keeps_colors = keeps_colors
        self.narrowing = next((step.name for step in parse_steps(steps) if not step.keeps_16_bit), "")

    def predict(self, pixels: np.ndarray, placement: Placement | None) -> Preprocessed:
        there = placement or unchanged(pixels)
        return Preprocessed(pixels, there, self.suffix, self.steps, self.encode, self.keeps_colors)

    def encode(self, image: DecodedImage, pixels: np.ndarray, suffix: str) -> bytes:
        """The file's bytes; called from several threads."""
        assert image.source is not None
        file_info = read_traits(image.source)
        self._note(file_info, image, pixels, suffix)
        height, width = pixels.shape[:2]
        asked = file_info.metadata if self.metadata else file_info.metadata.stripped()
        asked = asked if self.keeps_colors else replace(asked, icc=SRGB)
        true = asked.for_pixels(width, height, turned=image.exif_orientation != 1)
        return encode_image(pixels, suffix, self.quality, self._kept(true, asked, suffix))

    def after_save(self, source: Source, result: Preprocessed) -> dict[str, Any]:
        deep = result.bits == 16 and keeps_16_bit(image_name(source.place, self.suffix).suffix)
        result.pixels = None
        return {"bits": 16 if deep else 8}

    def _kept(self, true: Metadata, asked: Metadata, suffix: str) -> Metadata:
        """What of it the format holds. true: `asked`, made true for the pixels."""
        name = format_for(suffix)
        kept = fitting(true, suffix)
        if true.icc != asked.icc:
            self.notes.add("a color profile of another kind than RGB was left out: what is written is RGB")
        if (true.exif and not kept.exif) or (true.xmp and not kept.xmp):
            self.notes.add(f"EXIF or XMP was left out: {name} cannot hold it")
        if asked.exif and not true.exif:
            self.notes.add("EXIF was left out: it is damaged")
        return kept

    def _note(self, file_info: Traits, image: DecodedImage, pixels: np.ndarray, suffix: str) -> None:
        if image.pixels.dtype == np.uint16 and pixels.dtype == np.uint8:
            self.notes.add(f"16 bits became 8: {self.narrowing} works on 8 bits")
        elif pixels.dtype == np.uint16 and not keeps_16_bit(suffix):
            self.notes.add(f"16 bits became 8: {format_for(suffix)} holds 8; --format png or tiff keeps them")
        if file_info.alpha:
            self.notes.add("transparency was laid over white")
        if file_info.frames > 1 and file_info.format != "TIFF":  # whose pages the record notes
            self.notes.add("of several frames or pages, the first was taken")
