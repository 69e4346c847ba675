"""The way of `dlcli preprocess` as such: encode what the steps made, with the file's metadata; say what was lost."""

from dataclasses import replace
from typing import Any

import numpy as np

from dlcli.imaging.color.srgb import PROFILE as SRGB
from dlcli.imaging.file_indices import Indices
from dlcli.imaging.file_info import ImageInfo, read_image_info
from dlcli.imaging.file_pages import frame_times, later_pages
from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.formats.tiff_file import has_folders
from dlcli.imaging.geometry import Placement, unchanged
from dlcli.imaging.steps.chain import apply_steps, parse_steps
from dlcli.imaging.writer import (
    Written,
    encode_frames,
    encode_image,
    encode_indices,
    encode_pages,
    fitting,
    format_for,
    keeps_16_bit,
)
from dlcli.records import DecodedImage, Source
from dlcli.runtime.deadline import check
from dlcli.tasks.contract import Predictor, TaskSummary
from dlcli.tasks.preprocess.kinds import FRAMES, is_gray, kept_indices, several_kind
from dlcli.tasks.preprocess.losses import losses
from dlcli.tasks.preprocess.names import image_name
from dlcli.tasks.preprocess.notes import Notes
from dlcli.tasks.preprocess.result import Preprocessed


class Writing(Predictor):
    """Gathers what a run could not keep."""

    model = pre = ""

    def __init__(self) -> None:
        self.notes = Notes()

    def summarize(self) -> TaskSummary:
        return TaskSummary(self.notes.lines())


class Converter(Writing):
    """See tasks.contract.Predictor. suffix: "" keeps each image's format. metadata: EXIF and XMP go along.

    keeps_colors: pixels come in the color space of their file, whose profile goes along; else in sRGB. all_pages: not
    the first alone.
    """

    def __init__(self, suffix: str, quality: int, metadata: bool, steps: str, keeps_colors: bool, all_pages: bool):
        super().__init__()
        self.all_pages = all_pages
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
        file_info = read_image_info(image.source)
        kind = several_kind(file_info, image.source, suffix) if self.all_pages else ""
        first = result.pixels if kind == FRAMES else self._written(image, file_info, result.pixels, suffix)
        self._note(file_info, image, result.pixels, suffix, first)
        metadata = self._metadata(file_info, image, shape_of(first), suffix)
        if kind:
            result.notes = (*image.notes[1:], f"all {file_info.frames:,} {kind} were read")
            return self._encode_all(image, first, kind, suffix, metadata)
        result.left_out = file_info.frames - 1 if image.source.crop is None else 0
        if result.left_out and file_info.format != "TIFF":  # whose pages the record notes
            self.notes.add("of several frames or pages, the first was taken")
        if isinstance(first, Indices):
            return encode_indices(first, suffix, metadata)
        return encode_image(first, suffix, self.quality, metadata)

    def _written(self, image: DecodedImage, file_info: ImageInfo, pixels: np.ndarray, suffix: str) -> Written:
        """What is written of the pixels after the steps: RGB, gray, or numbers."""
        indices = kept_indices(image, file_info, self.chain, suffix, self.keeps_colors)
        if indices is not None:
            return indices
        gray = is_gray(file_info, suffix, self.keeps_colors)
        return np.ascontiguousarray(pixels[..., 1]) if gray else pixels

    def _encode_all(self, image: DecodedImage, first: Written, kind: str, suffix: str, metadata: Metadata) -> bytes:
        """With the pages or frames behind the first, each of which goes through the steps."""
        assert image.source is not None
        written, durations = [(first, metadata)], []
        for page in later_pages(image, self.keeps_colors):
            check("while its pages were made")
            pixels, _ = apply_steps(page.image.pixels, self.chain)
            written.append(self._later(page.image, pixels, suffix) or (pixels, metadata.only("icc")))
            durations.append(page.duration)
        if format_for(suffix) == "TIFF":
            if kind == FRAMES:
                self.notes.add("how long frames are shown was left out: TIFF cannot hold it")
            return encode_pages(written, suffix)
        time, loop = frame_times(image.source)
        frames = [made for made, _ in written if isinstance(made, np.ndarray)]
        return encode_frames(frames, [time, *durations], loop, suffix, metadata, self.quality)

    def _later(self, page: DecodedImage, pixels: np.ndarray, suffix: str) -> tuple[Written, Metadata] | None:
        """What is written of a page after the steps, with its own metadata; None of a frame, which has none."""
        if page.source is None:
            return None
        file_info = read_image_info(page.source)
        made = self._written(page, file_info, pixels, suffix)
        metadata = self._metadata(file_info, page, shape_of(made), suffix)
        if metadata.exif and has_folders(metadata.exif):
            self.notes.add("EXIF and GPS of pages behind the first were left out")
        return made, metadata

    def after_save(self, source: Source, result: Preprocessed) -> dict[str, Any]:
        deep = result.bits == 16 and keeps_16_bit(image_name(source.place, self.suffix).suffix)
        result.pixels = None
        left_out = {"pages_left_out": result.left_out} if result.left_out else {}
        notes = {"notes": list(result.notes)} if result.notes else {}
        return {"bits": 16 if deep else 8, **left_out, **notes}

    def _metadata(self, file_info: ImageInfo, image: DecodedImage, shape: tuple[int, ...], suffix: str) -> Metadata:
        """What goes along of the file's own, true for the pixels, as far as the format holds it."""
        asked = file_info.metadata if self.metadata else file_info.metadata.stripped()
        asked = asked if self.keeps_colors else replace(asked, icc=SRGB, color=b"")
        turned = image.exif_orientation != 1
        crop = image.source.crop if image.source else None
        if asked.geo and (self.moves or turned or crop is not None):
            self.notes.add("GeoTIFF tags were left out: the pixels lie elsewhere now")
            asked = replace(asked, geo=())
        true = asked.for_pixels(shape[1], shape[0], turned, gray=len(shape) == 2 and not file_info.palette)
        kept = fitting(true, suffix)
        for loss in losses(asked, true, kept, format_for(suffix)):
            self.notes.add(loss)
        return kept

    def _note(
        self, file_info: ImageInfo, image: DecodedImage, pixels: np.ndarray, suffix: str, written: Written
    ) -> None:
        indices = written if isinstance(written, Indices) else None
        if image.pixels.dtype == np.uint16 and pixels.dtype == np.uint8:
            self.notes.add(f"16 bits became 8: {self.narrowing} works on 8 bits")
        elif pixels.dtype == np.uint16 and not keeps_16_bit(suffix):
            self.notes.add(f"16 bits became 8: {format_for(suffix)} holds 8; --format png or tiff keeps them")
        if file_info.alpha and (indices is None or indices.transparency is None):
            self.notes.add("transparency was laid over white")
        if indices is not None and self.chain:
            self.notes.add(
                "taken for a mask or a palette, and resized by nearest; --pre 'resize(W,method=smooth)' mixes"
            )
        elif file_info.gray and shape_of(written)[2:]:
            self.notes.add("one channel became three, for its color profile is one of RGB")
        elif file_info.palette and indices is None:
            self.notes.add("colors of a palette became red, green and blue")


def shape_of(written: Written) -> tuple[int, ...]:
    return (written.values if isinstance(written, Indices) else written).shape
