"""A set in the files of a format, in the places where its tools, and our readers, look for them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from dlcli.data.annotated import AnnotatedItem, annotated_item
from dlcli.data.coco.categories import usual_category_ids
from dlcli.data.coco.writer import coco_json
from dlcli.data.conversion.annotated_set import AnnotatedSet, drawn
from dlcli.data.conversion.polygons import one_polygon, with_polygons
from dlcli.data.conversion.record_set import WHOLE, records_of
from dlcli.data.labelme.writer import labelme_json
from dlcli.data.records.objects import names_below
from dlcli.data.voc.writer import voc_xml
from dlcli.data.yolo.writer import yolo_boxes, yolo_classes, yolo_data, yolo_outlines
from dlcli.errors import DataError, UsageError
from dlcli.frozen import dataclass
from dlcli.imaging.formats.index_png import encode_index_png
from dlcli.records import Source

Sets = Mapping[str, AnnotatedSet]  # by split, "" for a set without
File = tuple[PurePosixPath, bytes]
ALL = "all"  # the split of a YOLO set in which images have folders of their own


@dataclass(frozen=True)
class Target:
    """What a format writes. files: of the sets. image: where an image belongs, None: nowhere, of (split, its key).

    key: what our reader of the format calls an image, of its name; flat formats have no folders. without: a folder
    that names may not hold; YOLO's tools find labels by putting labels/ in place of the last images/.
    """

    files: Callable[[Sets, "Target"], Iterator[File]]
    image: Callable[[str, str], PurePosixPath] | None
    flat: bool = False
    without: str = ""

    def key(self, name: str) -> str:
        *folders, last = PurePosixPath(name).parts
        kept = [] if self.flat else [folder for folder in folders if folder != self.without]
        return str(PurePosixPath(*kept, last))


def coco_files(sets: Sets, _: Target) -> Iterator[File]:
    first = next(iter(sets.values()))
    categories = category_ids(first)
    numbers = image_numbers(sets)
    for split, found in sets.items():
        images = [_as_coco(found, image, numbers.get(image.path)) for image in found.items]
        path = f"annotations/instances_{split}.json" if split else "instances.json"
        yield PurePosixPath(path), coco_json(images, first.labels, categories, found.carried).encode()


def yolo_files(sets: Sets, target: Target) -> Iterator[File]:
    first = next(iter(sets.values()))
    labels = first.labels[1:] if first.background == 0 else first.labels
    if "" in labels:
        raise UsageError(f"--to yolo: class {labels.index('')} has no name in the records; give all by --labels a,b,c")
    folders = {split: f"images/{split}" for split in sets if split}
    yield PurePosixPath("data.yaml"), yolo_data(labels, folders, first.carried).encode()
    for split, found in sets.items():
        for image in found.items:
            path = PurePosixPath("labels") / split / target.key(image.name)
            text = _yolo_outlines(found, image) if found.outlined else yolo_boxes(image)
            yield path.with_suffix(".txt"), text.encode()


def voc_files(sets: Sets, target: Target) -> Iterator[File]:
    for split, found in sets.items():
        keys = [target.key(image.name) for image in found.items]
        for key, image in zip(keys, found.items, strict=True):
            named = annotated_item(key, key, image.width, image.height, image.target, carried=image.carried)
            yield PurePosixPath("Annotations", key).with_suffix(".xml"), voc_xml(named, found.labels)
        if split:
            names = "".join(f"{PurePosixPath(key).stem}\n" for key in keys)
            yield PurePosixPath("ImageSets/Main") / f"{split}.txt", names.encode()


def labelme_files(sets: Sets, target: Target) -> Iterator[File]:
    first = next(iter(sets.values()))
    names = [label for class_id, label in enumerate(first.labels) if label and class_id != first.background]
    yield PurePosixPath("labels.txt"), yolo_classes(names).encode()
    for split, found in sets.items():
        for image in found.items:
            path = PurePosixPath(split) / target.key(image.name)
            shaped = with_polygons(image) if found.outlined else image
            yield path.with_suffix(".json"), labelme_json(shaped, found.labels, path.name).encode()


def mask_files(sets: Sets, target: Target) -> Iterator[File]:
    first = next(iter(sets.values()))
    if len(first.labels) > 255 or "" in first.labels:
        raise UsageError(f"--to masks: expected at most 255 classes, each with a name, got {list(first.labels)[:20]}")
    yield PurePosixPath("classes.txt"), yolo_classes(first.labels).encode()
    for split, found in sets.items():
        for image in found.items:
            path = PurePosixPath("masks") / split / target.key(image.name)
            yield path.with_suffix(".png"), encode_index_png(drawn(image, found.background))


def record_files(sets: Sets, _: Target) -> Iterator[File]:
    for split, found in sets.items():
        lines = records_of(found)
        yield PurePosixPath(f"{split or WHOLE}.jsonl"), "".join(lines).encode()


TARGETS = {
    "coco": Target(coco_files, lambda split, key: PurePosixPath("images") / split / key),
    "yolo": Target(yolo_files, lambda split, key: PurePosixPath("images") / split / key, without="images"),
    "voc": Target(voc_files, lambda _, key: PurePosixPath("JPEGImages") / key, flat=True),
    "labelme": Target(labelme_files, lambda split, key: PurePosixPath(split) / key),
    "masks": Target(mask_files, lambda split, key: PurePosixPath("images") / split / key, flat=True),
    "jsonl": Target(record_files, None),
}


def keys_of(format: str, found: AnnotatedSet) -> dict[str, str]:
    """What our reader of the format will call each image, by its name. DataError: two would share their files."""
    names = [image.name for image in found.items]
    if format == "jsonl":
        return dict(zip(names, names_below([Source.of_file(image.path).text for image in found.items]), strict=True))
    files = {image.path: image.name for image in found.items}
    for name, count in Counter(files.values()).items():
        if count > 1:
            raise DataError(f"{count} images would be called {name}; rename them, or convert them apart")
    keys = {name: TARGETS[format].key(name) for name in names}
    taken: dict[str, str] = {}
    for name, key in keys.items():
        stem = key if format == "coco" else str(PurePosixPath(key).with_suffix(""))
        if stem in taken:
            raise DataError(
                f"{taken[stem]} and {name} would share a file of {format}; rename one, or convert them apart"
            )
        taken[stem] = name
    return keys


def category_ids(found: AnnotatedSet) -> dict[int, int]:
    """COCO's ids by class id, in the order of the ids: given ones stay, other classes come after them."""
    named = [i for i, label in enumerate(found.labels) if label and i != found.background]
    known = {i: found.category_ids[found.labels[i]] for i in named if found.labels[i] in found.category_ids}
    if not known:
        usual = usual_category_ids(found.labels, found.background)
        return {class_id: category for class_id, category in usual.items() if class_id in named}
    rest = [class_id for class_id in named if class_id not in known]
    known |= {class_id: max(known.values()) + place for place, class_id in enumerate(rest, 1)}
    return dict(sorted(known.items(), key=lambda item: item[1]))


def image_numbers(sets: Sets) -> dict[Path, int]:
    """Ids for images that have none: 1, 2, 3 ..., or those after the largest that is given; one for all splits."""
    given = [image.image_id for found in sets.values() for image in found.items if image.name in found.ids]
    last = max((value for value in given if isinstance(value, int)), default=0)
    bare = (image.path for found in sets.values() for image in found.items if image.name not in found.ids)
    return {path: last + place for place, path in enumerate(dict.fromkeys(bare), 1)}


def _as_coco(found: AnnotatedSet, image: AnnotatedItem, number: int | None) -> AnnotatedItem:
    """number: its new id, None where it has one."""
    kept = tuple(thing for thing in image.target if thing.class_id < len(found.labels))  # not VOID
    return replace(image, image_id=image.image_id if number is None else number, target=kept)


def _yolo_outlines(found: AnnotatedSet, image: AnnotatedItem) -> str:
    """Numbers without the background."""
    first = 1 if found.background == 0 else 0
    things = tuple(thing for thing in image.target if thing.class_id < len(found.labels))  # not VOID
    outlines = [one_polygon(thing, image) for thing in things]
    moved = tuple(replace(thing, class_id=thing.class_id - first) for thing in things)
    return yolo_outlines(replace(image, target=moved), outlines)
