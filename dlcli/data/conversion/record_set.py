"""dlcli's own records as a set for conversions, and a set as records."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from dlcli.data.annotated import AnnotatedItem, number, rle
from dlcli.data.conversion.annotated_set import AnnotatedSet, drawn, objects_of_mask
from dlcli.data.files import no_split
from dlcli.data.folders import files_in
from dlcli.data.kind_names import BOXES, MASKS
from dlcli.data.masks import BACKGROUND
from dlcli.data.records.lines import Record, read_records, task_of
from dlcli.data.records.objects import TRUTH, image_of_record, names_below
from dlcli.errors import DataError
from dlcli.messages import listed
from dlcli.models.checksums import short_id
from dlcli.models.store import checked_digest, find_model, named_models, weights_file
from dlcli.ops.masks import rle_area
from dlcli.records import RECORD_KINDS, Source

WHOLE = "results"
FIELDS = {BOXES: "detections", MASKS: "classes"}  # that hold the objects, in records of tasks of a kind


def records_file(place: Path) -> Path | None:
    """The first file of records in a folder, results.jsonl before others."""
    found = sorted(files_in(place, ".jsonl"), key=lambda path: (path.stem != WHOLE, path.name))
    return next((path for path in found if not path.name.startswith(".") and path.suffixes == [".jsonl"]), None)


def record_splits(place: Path) -> list[str]:
    """SPLIT.jsonl of a folder, where there is no results.jsonl for the whole."""
    if place.is_file() or (place / f"{WHOLE}.jsonl").is_file():
        return []
    return sorted(path.stem for path in files_in(place, ".jsonl") if path.suffixes == [".jsonl"])


def read_record_set(
    place: Path, split: str | None, labels: tuple[str, ...] | None, say: Callable[[str], None] | None
) -> AnnotatedSet:
    """The images of records of detect or segment. Records of failures are left out, and counted in `skipped`.

    A class that no record names is "" in the labels, class 0 of segments the background. labels: names by class id.
    DataError: no such file, another command's records, those of parts of images, a class of two names, or failures
    where `say` is None.
    """
    path = place if place.is_file() else place / f"{split or WHOLE}.jsonl"
    if not path.is_file():
        raise no_split(place, split, record_splits(place), path.name)
    records = list(read_records(path))
    _refuse_parts(path, records)
    good = [record for record in records if record["ok"]]
    failed = len(records) - len(good)
    if failed and say is None:
        raise DataError(f"{path}: {failed} record(s) of images that failed; pass --skip-bad to leave them out")
    if not good:
        raise DataError(f"{path}: holds no record of an image that was read")
    task = _task(path, good)
    named = enumerate(zip(records, names_below([record["source"] for record in records]), strict=True), 1)
    items = tuple(
        replace(image_of_record(record, name, number), path=_file(record))
        for number, (record, name) in named
        if record["ok"]
    )
    kind = RECORD_KINDS[task]
    outlined = kind == MASKS
    names = _names(path, good, FIELDS[kind])
    labels = _checked(path, names, labels or _labels_of_model(good, task), outlined)
    if failed and say is not None:
        say(f"{path}: {failed} record(s) of images that failed, left out")
    return AnnotatedSet("jsonl", labels, items, source=place, outlined=outlined, skipped=failed)


def records_of(found: AnnotatedSet) -> Iterator[str]:
    """A line an image, as `dlcli schema detect` or `segment` has it; a truth's score is 1 and its model "truth"."""
    for image in found.items:
        source = Source.of_file(image.path)
        task = _task_with(MASKS if found.outlined else BOXES)
        lost = {} if source.lost_bytes is None else {"source_bytes": source.lost_bytes}
        head = {"schema": f"dlcli.{task}/1", "source": source.text, **lost, "ok": True}
        more = {
            "width": image.width,
            "height": image.height,
            "exif_orientation": 1,
            "model": "converted" if _scored(image) else TRUTH,
        }
        things = _classes(found, image) if found.outlined else _detections(found, image)
        yield json.dumps({**head, **more, **things}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _refuse_parts(path: Path, records: list[Record]) -> None:
    """DataError: a record is of less than a file."""
    for field, what in (("crop", "part of an image"), ("frame", "frame of a video")):
        count = sum(field in record for record in records)
        if count:
            raise DataError(
                f"{path}: {count} record(s) of a {what}, which no format holds; make records of whole images"
            )


def _file(record: Record) -> Path:
    """The image; its name may be no UTF-8."""
    raw = record.get("source_bytes")
    return Path(record["source"] if raw is None else os.fsdecode(base64.b64decode(raw)))


def _detections(found: AnnotatedSet, image: AnnotatedItem) -> Record:
    things = [
        {
            "label": found.labels[thing.class_id],
            "class_id": thing.class_id,
            "score": 1 if thing.score is None else round(thing.score, 4),
            "box": [number(value) for value in thing.xyxy],
        }
        for thing in image.target
    ]
    return {"detections": things, "truncated": False}


def _classes(found: AnnotatedSet, image: AnnotatedItem) -> Record:
    mask = drawn(image, found.background)
    known = [
        t for t in objects_of_mask(mask, found.background) if t.counts is not None and t.class_id < len(found.labels)
    ]
    areas = {thing.class_id: rle_area(thing.counts) for thing in known if thing.counts is not None}
    things = [
        {
            "label": found.labels[thing.class_id],
            "class_id": thing.class_id,
            "share": round(areas[thing.class_id] / mask.size, 4),
            "rle": rle(thing.counts, image.width, image.height),
        }
        for thing in sorted(known, key=lambda thing: -areas[thing.class_id])
        if thing.counts is not None
    ]
    return {"classes": things}


def _task_with(kind: str) -> str:
    return next(task for task, known in RECORD_KINDS.items() if known == kind)


def _scored(image: AnnotatedItem) -> bool:
    return any(thing.score is not None for thing in image.target)


def _task(path: Path, records: list[Record]) -> str:
    tasks = sorted({task_of(record) for record in records})
    if len(tasks) != 1 or RECORD_KINDS.get(tasks[0]) not in FIELDS:
        known = " or of ".join(task for task, kind in RECORD_KINDS.items() if kind in FIELDS)
        raise DataError(f"{path}: expected records of {known}, got those of {listed(tasks)}")
    return tasks[0]


def _names(path: Path, records: list[Record], key: str) -> dict[int, str]:
    """Names by class id, as the records have them."""
    names: dict[int, str] = {}
    for record in records:
        for thing in record[key]:
            label = names.setdefault(thing["class_id"], thing["label"])
            if label != thing["label"]:
                raise DataError(f"{path}: class {thing['class_id']} is {label!r} and {thing['label']!r}")
    return names


def _labels_of_model(records: list[Record], task: str) -> tuple[str, ...] | None:
    """All classes of the model that made the records, bundled or imported, in either runtime; None: another did."""
    models = {record.get("model") for record in records}
    name = str(next(iter(models))).partition("@")[0]
    if len(models) != 1 or name not in named_models():
        return None
    found, weights = find_model(name, task), weights_file(name)
    ids = {found.id} | ({short_id(name, checked_digest(weights))} if weights else set())
    return found.card.labels if models <= ids else None


def _checked(path: Path, names: dict[int, str], labels: tuple[str, ...] | None, outlined: bool) -> tuple[str, ...]:
    if labels is None:
        if outlined:
            names.setdefault(0, BACKGROUND)
        return tuple(names.get(class_id, "") for class_id in range(max(names, default=-1) + 1))
    wrong = {i: name for i, name in names.items() if i >= len(labels) or labels[i] != name}
    if wrong:
        shown = listed(f"{class_id} {name}" for class_id, name in sorted(wrong.items()))
        raise DataError(f"{path}: --labels does not name these classes so: {shown}; give all names by class id")
    return labels
