"""One conversion from beginning to end; the command calls this."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from dlcli.data.conversion.annotated_set import AnnotatedSet
from dlcli.data.conversion.comparison import Comparison, compared
from dlcli.data.conversion.dropped import dropped
from dlcli.data.conversion.ids_file import ids_json, ids_path
from dlcli.data.conversion.manifest import NAME, read_manifest
from dlcli.data.conversion.mounts import mounts_below
from dlcli.data.conversion.one_file import files_of, refuse_others
from dlcli.data.conversion.outside import is_outside, outside_notes
from dlcli.data.conversion.place import beside, put_files, put_set
from dlcli.data.conversion.source import FORMATS, Reading, chosen_splits, found_format, read_source
from dlcli.data.conversion.target import ALL, TARGETS, Sets, keys_of
from dlcli.data.conversion.transfer import Transfer, put_image
from dlcli.data.files import stays_below
from dlcli.errors import DataError, DlcliError, UsageError
from dlcli.frozen import dataclass
from dlcli.messages import as_text
from dlcli.progress import Progress
from dlcli.signals import unbroken
from dlcli.whole_file import is_replaced

NO_BAR = Progress()
Regroup = Callable[[Sets], dict[str, AnnotatedSet]]
SHOWN = 5  # differences in a message
FAR = 0.01  # pixels that a box may come back away from where it was
NEED_IMAGES = ("yolo", "voc", "labelme", "masks")  # formats whose readers look for the images beside
FILES = {".json": "coco", ".jsonl": "jsonl"}  # targets that are one file


@dataclass(frozen=True)
class Conversion:
    """What is asked for. to, format: formats; "" for format: detected. split: "" for all. labels: () for the own.

    outside: images that lie outside the source's folder and `images` are copied; False: they are refused.
    """

    source: Path
    target: Path
    to: str
    format: str = ""
    split: str = ""
    labels: tuple[str, ...] = ()
    images: Path | None = None
    masks: bool = False
    transfer: Transfer = Transfer.LINK
    allow_loss: bool = False
    overwrite: bool = False
    clip: bool = False
    outside: bool = False


@dataclass(frozen=True)
class Converted:
    """format: of the source. comparisons: of each split. lost: what --allow-loss gave up. skipped: bad images.

    notes: what was decided about the set as a whole.
    """

    format: str
    comparisons: tuple[Comparison, ...]
    lost: tuple[str, ...]
    skipped: int
    outlined: bool
    notes: tuple[str, ...] = ()


def convert(
    asked: Conversion, say: Callable[[str], None] | None = None, bar: Progress = NO_BAR, regroup: Regroup | None = None
) -> Converted:
    """Read, write beside the target, read back, compare, and only then put it in place.

    regroup: makes other splits of those that were read.
    say: hears of bad files, which are left out; None: they are refused. bar: shows what is being done.
    UsageError: the target is there, or the format would lose something.
    DataError: bad files, or what was read back differs; then nothing was written.
    """
    refuse_target(asked)
    with beside(_place_of(asked.target)) as staged:
        _refuse_there(asked)  # once more: what a conversion that was killed has left is in its place now
        _refuse_others(asked)
        return _convert(asked, staged, say, bar, regroup or dict)


def _convert(
    asked: Conversion, staged: Path, say: Callable[[str], None] | None, bar: Progress, regroup: Regroup
) -> Converted:
    outlined = asked.masks or asked.to == "masks" or asked.format == "masks"
    if outlined:
        _refuse_kind(asked.to, outlined)
    bar.at(0, None, "reading")
    format = asked.format or found_format(asked.source, outlined)
    sets = regroup(_read(asked, format, outlined or format == "masks", say))
    outlined = next(iter(sets.values())).outlined
    _refuse_kind(asked.to, outlined)
    _refuse_own_images(sets, asked.target)
    notes = outside_notes(sets, asked.source, asked.images, asked.outside) if format != "jsonl" else ()
    lost = _dropped(sets, asked.to)
    if lost and not asked.allow_loss:
        listed = "\n".join(f"  {line}" for line in lost)
        raise UsageError(f"--to {asked.to} would lose, which only --allow-loss permits:\n{listed}")
    _write(staged, sets, asked, bar)
    bar.at(0, None, "reading back")
    comparisons = tuple(_read_back(staged, split, found, asked, bool(lost)) for split, found in sets.items())
    if asked.transfer is Transfer.NONE:
        _drop_images(staged, sets, asked.to)
    with unbroken():
        _put_in_place(staged, asked)
    notes = (*dict.fromkeys(note for found in sets.values() for note in found.notes), *notes)
    return Converted(format, comparisons, tuple(lost), sum(found.skipped for found in sets.values()), outlined, notes)


def refuse_target(asked: Conversion) -> None:
    """UsageError: the target is there, is within the source or the other way round, or has a wrong ending."""
    target, source = asked.target, asked.source
    if not source.exists():
        raise UsageError(f"{source}: no such file or folder")
    suffix = target.suffix.lower()
    if suffix in FILES and FILES[suffix] != asked.to:
        raise UsageError(f"{target}: a {suffix} file is for --to {FILES[suffix]}; name a folder for --to {asked.to}")
    real, given = target.resolve(), source.resolve()
    if (
        real == given
        or (source.is_dir() and given.is_relative_to(real))
        or (source.is_dir() and real.is_relative_to(given))
    ):
        raise UsageError(f"{target}: lies in {source}, or holds it; name another place")
    _refuse_there(asked)


def _refuse_there(asked: Conversion) -> None:
    """UsageError: the target is there, and is not to be replaced."""
    target, one_file = asked.target, asked.target.suffix.lower() in FILES
    for path in (target, ids_path(target)) if one_file else (target,):
        if is_replaced(path) and not asked.overwrite:
            raise UsageError(f"{path}: is there already; name another place, or pass --overwrite")
    if os.path.lexists(target) and target.is_dir() == one_file:
        raise UsageError(f"{target}: is a {'folder' if target.is_dir() else 'file'}; name another place")


def _refuse_others(asked: Conversion) -> None:
    """UsageError: what is there was not written by a conversion."""
    target = asked.target
    if target.is_symlink() and not target.exists():
        raise UsageError(
            f"{target}: is a link to {os.readlink(target)}, where nothing is, and nothing is made through a link; "
            "remove it, or name another place"
        )
    if target.suffix.lower() in FILES:
        refuse_others(target)
    elif target.is_dir() and any(target.iterdir()) and read_manifest(target) is None:
        raise UsageError(
            f"{target}: was not written by dlcli convert (there is no list {NAME} in it), so --overwrite leaves it "
            "alone; remove it yourself, or name another place"
        )
    elif target.is_dir():
        _refuse_volumes(target)


def _refuse_volumes(target: Path) -> None:
    """UsageError: a volume is mounted in the folder; it would go along with the old set, and be emptied."""
    try:
        mount = next(mounts_below(target), None)
    except OSError as error:
        raise DlcliError(f"{as_text(error.filename or target)}: cannot be read: {error.strerror}") from error
    if mount is not None:
        raise UsageError(
            f"{target}: a volume is mounted at {as_text(mount)}, which --overwrite would empty; unmount it, or name "
            "another place"
        )


def _refuse_own_images(sets: Sets, target: Path) -> None:
    """UsageError: images that are converted lie in the folder that would be replaced."""
    place = Path(os.path.realpath(target))
    for found in sets.values() if place.is_dir() else ():
        for path in (image.path for image in found.items):
            if Path(os.path.realpath(path)).is_relative_to(place):
                raise UsageError(f"{target}: holds {path}, an image of the source; name another place")


def _place_of(target: Path) -> Path:
    """Where the target is put: a folder where its links lead to; links to a file are followed when it is written."""
    return target.absolute() if target.suffix.lower() in FILES else Path(os.path.realpath(target))


def _read(asked: Conversion, format: str, outlined: bool, say: Callable[[str], None] | None) -> dict[str, AnnotatedSet]:
    need = asked.to in NEED_IMAGES
    reading = Reading(asked.source, format, outlined, asked.labels or None, asked.images, need, say, asked.clip)
    splits = chosen_splits(asked.source, format, asked.split or None)
    sets = {split or "": read_source(reading, split) for split in splits}
    if asked.target.suffix.lower() in FILES and len(sets) > 1:
        raise UsageError(f"{asked.target}: is one file, the source has {', '.join(sets)}; name a folder, or a --split")
    if asked.to == "yolo" and "" in sets and any("/" in TARGETS["yolo"].key(p.name) for p in sets[""].items):
        sets = {ALL: sets[""]}
    for found in sets.values():
        for image in found.items:
            if not stays_below(image.name):
                raise DataError(f"{image.name!r}: expected a name below the folder of images")
    return _of_one_list(sets)


def _of_one_list(sets: Mapping[str, AnnotatedSet]) -> dict[str, AnnotatedSet]:
    """All splits by the same labels. DataError: they name a class differently."""
    longest = max(len(found.labels) for found in sets.values())
    names = [{f.labels[i] for f in sets.values() if i < len(f.labels)} - {""} for i in range(longest)]
    for class_id, found in enumerate(names):
        if len(found) > 1:
            shown = " and ".join(sorted(found))
            raise DataError(f"the splits differ in class {class_id}: {shown}; convert them one by one by --split")
    labels = tuple(next(iter(found), "") for found in names)
    categories = {label: number for found in sets.values() for label, number in found.category_ids.items()}
    return {split: replace(found, labels=labels, category_ids=categories) for split, found in sets.items()}


def _refuse_kind(to: str, outlined: bool) -> None:
    if to not in FORMATS:
        raise UsageError(f"--to {to}: expected one of {', '.join(FORMATS)}")
    if outlined and to == "voc":
        raise UsageError("--to voc holds boxes; --to masks writes index PNG in VOC's colors")
    if to == "masks" and not outlined:
        raise UsageError("--to masks: the source has boxes and no outlines")


def _dropped(sets: Sets, to: str) -> list[str]:
    return [f"{split}: {line}" if split else line for split, found in sets.items() for line in dropped(found, to)]


def _write(staged: Path, sets: Sets, asked: Conversion, bar: Progress) -> None:
    kind, total, done = TARGETS[asked.to], sum(len(found.items) for found in sets.values()), 0
    bar.at(0, total, "writing")
    keys = {split: keys_of(asked.to, found) for split, found in sets.items()}
    try:
        for name, data in kind.files(sets, kind):
            with unbroken():
                (staged / name).parent.mkdir(parents=True, exist_ok=True)
                (staged / name).write_bytes(data)
        (staged / "ids.json").write_text(ids_json(sets, keys), encoding="utf-8")
        if kind.image is not None and asked.target.suffix.lower() not in FILES:
            for split, found in sets.items():
                for image in found.items:
                    with unbroken():
                        outside = asked.outside and is_outside(image.path, asked.source, asked.images)
                        how = Transfer.COPY if outside else asked.transfer
                        put_image(image.path, staged, kind.image(split, keys[split][image.name]), how)
                    done += 1
                    bar.at(done, total, "writing")
    except OSError as error:
        raise DlcliError(f"{asked.target}: cannot be written: {error.strerror}; free some space") from error


def _read_back(staged: Path, split: str, found: AnnotatedSet, asked: Conversion, lossy: bool) -> Comparison:
    """Read by the reader of the format. DataError: something differs, or cannot be read; it names the target."""
    try:
        written = read_source(Reading(staged, asked.to, found.outlined), split or None)
    except DataError as error:
        raise DataError(str(error).replace(str(staged), str(asked.target))) from None
    made = compared(split, found, written, asked.to)
    faults = list(made.faults)
    if made.shift > FAR and not lossy:
        faults.append(f"a box came back {made.shift:.4f} pixels away")
    if lossy and found.outlined:
        faults = [fault for fault in faults if "another class" not in fault]
    if faults:
        head = f"{asked.target}: what was written is not what was read; nothing was kept"
        numbers = f"  read: {made.read.text('objects')}; written: {made.written.text('objects')}"
        raise DataError("\n".join([head, numbers, *(f"  {fault}" for fault in faults[:SHOWN])]))
    return made


def _drop_images(staged: Path, sets: Sets, to: str) -> None:
    for split, found in sets.items():
        for key in keys_of(to, found).values():
            place = TARGETS[to].image
            if place is not None:
                (staged / place(split, key)).unlink(missing_ok=True)


def _put_in_place(staged: Path, asked: Conversion) -> None:
    """The old set or the new one is whole at any moment, in the target or beside it."""
    target = _place_of(asked.target)
    if target.suffix.lower() in FILES:
        put_files(staged, target, files_of(staged, target))
    else:
        put_set(staged, target)
