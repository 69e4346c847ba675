"""`--from-jsonl FILE`: what an earlier command found becomes the images of the next one.

A box of `detect` and the box around a class of `segment` become a part of the image each; `classify` passes its
image on; of `preprocess` and `style-transfer` the images that they wrote are taken, which FILE, their
OUT/results.jsonl, stands beside. An image that failed stays one that failed.
"""

import base64
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from dlcli.batch.sources.standard_input import STDIN, read_stdin
from dlcli.batch.sources.tree import common_folder
from dlcli.data.records.lines import Record, parse_records, read_records, task_of
from dlcli.errors import DataError, UsageError
from dlcli.records import Crop, Failure, Source
from dlcli.tasks.registry import find_task

PARSED = 20  # bytes in memory for a byte of a record's line, its sources included


def sources_of_records(file: str, most: int | None = None) -> list[Source]:
    """The sources that the records of `file` (- for standard input) stand for, in order.

    most: bytes that they may take in memory. UsageError: they take more, are no records, or there is nothing to make of
    them.
    """
    most = None if most is None else most // PARSED
    try:
        if file != STDIN and most is not None and os.path.isfile(file) and os.path.getsize(file) > most:
            raise OverflowError
        records = list(parse_records(read_stdin(most), "-") if file == STDIN else read_records(Path(file)))
    except OverflowError:
        raise UsageError(
            f"--from-jsonl {file}: its records alone would fill --max-memory; give them in parts, or raise the limit"
        ) from None
    except DataError as error:
        raise UsageError(f"--from-jsonl {error}; give what dlcli detect --json wrote") from None
    folder = None if file == STDIN else Path(file).parent
    found = [item for record in records for item in _sources(record, folder)]
    root = common_folder([os.path.dirname(os.path.abspath(item.path)) for item in found if item.path])
    return [_placed(item, root) for item in found]


def _sources(record: Record, folder: Path | None) -> Iterator[Source]:
    source = _whole(record)
    if "frame" in record:
        raise UsageError(
            f"--from-jsonl: {record['source']} is a video; write what you need of its frames as images first, as by "
            "dlcli detect VIDEO --save crops --out DIR, and give DIR/crops -r"
        )
    if source.failure or source.path is None:
        yield source
    elif "outputs" in record:
        if folder is None:
            raise UsageError(
                f"--from-jsonl -: records of {task_of(record)} name their files within its --out; "
                "give OUT/results.jsonl instead of -"
            )
        for name in _outputs(record)[:1]:  # a preview or a plot may follow
            yield Source(str(folder / name), folder / name, source.place)
    else:
        try:
            crops = _crops(record)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(
                f"--from-jsonl: the record of {source.text} is damaged ({error!r}); make it again"
            ) from None
        yield from [source] if crops is None else (_part(source, crop) for crop in crops)


def _outputs(record: Record) -> list[str]:
    if "outputs_bytes" in record:
        return [os.fsdecode(base64.b64decode(name)) for name in record["outputs_bytes"]]
    return list(record["outputs"])


def _whole(record: Record) -> Source:
    """The record's image itself."""
    raw = record.get("source_bytes")
    name = os.fsdecode(base64.b64decode(raw)) if isinstance(raw, str) else record["source"]
    error = record.get("error") or {}
    failure = None
    if not record["ok"]:
        failure = Failure(str(error.get("kind", "failed")), str(error.get("message", f"{name}: failed before")))
    elif name == STDIN:
        failure = Failure("missing", "-: came through standard input, and cannot be read again; give a file's name")
    return Source(name, Path(name), PurePosixPath(os.path.basename(name) or "image"), failure=failure)


def _crops(record: Record) -> list[Crop] | None:
    """The parts of its image that the record names; None: it names none, and the image itself is meant."""
    if "detections" in record:
        return [
            Crop(i, found["label"], _box(found["box"]), float(found["score"]))
            for i, found in enumerate(record["detections"])
        ]
    if any("rle" in found for found in record.get("classes", ())):
        return [Crop(i, found["label"], _around(found["rle"])) for i, found in enumerate(record["classes"])]
    return [] if find_task(task_of(record)).parts else None


def _box(values: Any) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (float(value) for value in values)
    return x1, y1, x2, y2


def _around(rle: dict[str, Any]) -> tuple[float, float, float, float]:
    """The box around a mask."""
    from dlcli.ops.masks import box_of_counts, text_to_counts

    height, width = rle["size"]
    return box_of_counts(text_to_counts(rle["counts"]), height, width)


def _part(source: Source, crop: Crop) -> Source:
    return replace(source, crop=crop)


def _placed(source: Source, root: str) -> Source:
    """The source with its place below --out: the tree of the images, and a file of its own for each part."""
    assert source.path is not None
    place = PurePosixPath(os.path.relpath(os.path.abspath(source.path), root))
    if not place.name:  # the root of the file system, which will turn out to be no image
        place = PurePosixPath("image")
    if source.crop is not None:
        place = place.with_name(f"{place.stem}-{source.crop.index:03d}{place.suffix}")
    return replace(source, place=place)
