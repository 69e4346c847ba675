"""The way of `dlcli preprocess` as such: encode what the steps made, with the file's metadata; say what was lost."""

from dataclasses import replace
from typing import Any

import numpy as np

from dlcli.imaging.color.srgb import PROFILE as SRGB
from dlcli.imaging.file_indices import Indices
from dlcli.imaging.file_info import Traits, read_traits
from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.geometry import Placement, unchanged
from dlcli.imaging.steps.chain import parse_steps
from dlcli.imaging.writer import encode_image, encode_indices, fitting, format_for, keeps_16_bit
from dlcli.records import DecodedImage, Source
from dlcli.tasks.contract import Closing, Predictor
from dlcli.tasks.preprocess.kinds import is_gray, kept_indices
from dlcli.tasks.preprocess.losses import losses
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
        self.chain = parse_steps(steps)
        self.narrowing = next((step.name for step in self.chain if not step.keeps_16_bit), "")
        self.moves = any(not step.keeps_geometry for step in self.chain)

    def predict(self, pixels: np.ndarray, placement: Placement | None) -> Preprocessed:
        there = placement or unchanged(pixels)
        return Preprocessed(pixels, there, self.suffix, self.steps, self.encode, self.keeps_colors)

    def encode(self, result: Preprocessed, image: DecodedImage, suffix: str) -> bytes:
        """The file's bytes; called from several threads."""
        assert image.source is not None
        assert result.pixels is not None
        file_info = read_traits(image.source)
        result.left_out = file_info.frames - 1
        indices = kept_indices(image, file_info, self.chain, suffix, self.keeps_colors)
        gray = is_gray(file_info, suffix, self.keeps_colors)
        pixels = np.ascontiguousarray(result.pixels[..., 1]) if gray else result.pixels
        self._note(file_info, image, pixels, suffix, indices)
        metadata = self._metadata(file_info, image, pixels, suffix)
        if indices is not None:
            return encode_indices(indices, suffix, metadata)
        return encode_image(pixels, suffix, self.quality, metadata)

    def after_save(self, source: Source, result: Preprocessed) -> dict[str, Any]:
        deep = result.bits == 16 and keeps_16_bit(image_name(source.place, self.suffix).suffix)
        result.pixels = None
        return {"bits": 16 if deep else 8, **({"pages_left_out": result.left_out} if result.left_out else {})}

    def _metadata(self, file_info: Traits, image: DecodedImage, pixels: np.ndarray, suffix: str) -> Metadata:
        """What goes along of the file's own, true for the pixels, as far as the format holds it."""
        asked = file_info.metadata if self.metadata else file_info.metadata.stripped()
        asked = asked if self.keeps_colors else replace(asked, icc=SRGB, color=b"")
        turned = image.exif_orientation != 1
        crop = image.source.crop if image.source else None
        if asked.geo and (self.moves or turned or crop is not None):
            self.notes.add("GeoTIFF tags were left out: the pixels lie elsewhere now")
            asked = replace(asked, geo=())
        height, width = pixels.shape[:2]
        true = asked.for_pixels(width, height, turned, gray=pixels.ndim == 2)
        kept = fitting(true, suffix)
        for loss in losses(asked, true, kept, format_for(suffix)):
            self.notes.add(loss)
        return kept

    def _note(
        self, file_info: Traits, image: DecodedImage, pixels: np.ndarray, suffix: str, indices: Indices | None
    ) -> None:
        if image.pixels.dtype == np.uint16 and pixels.dtype == np.uint8:
            self.notes.add(f"16 bits became 8: {self.narrowing} works on 8 bits")
        elif pixels.dtype == np.uint16 and not keeps_16_bit(suffix):
            self.notes.add(f"16 bits became 8: {format_for(suffix)} holds 8; --format png or tiff keeps them")
        if file_info.alpha and (indices is None or indices.transparency is None):
            self.notes.add("transparency was laid over white")
        if file_info.frames > 1 and file_info.format != "TIFF":  # whose pages the record notes
            self.notes.add("of several frames or pages, the first was taken")
        if indices is not None and self.chain:
            self.notes.add(
                "taken for a mask or a palette, and resized by nearest; --pre 'resize(W,method=smooth)' mixes"
            )
        elif file_info.palette and indices is None:
            self.notes.add("colors of a palette became red, green and blue")
