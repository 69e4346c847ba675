"""What a COCO file holds: lists of images, categories and annotations that belong together by their ids."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from dlcli.data.dataset import Problem
from dlcli.data.files import is_file_name, is_unicode, read_text, text_of_name
from dlcli.data.mask_names import BACKGROUND_NAMES
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.messages import listed, plural, short_repr

Thing = TypeVar("Thing")  # what a reader makes of an annotation
Entry = Mapping[str, Any]
Key = int | str
LARGEST_ID = 15  # digits; a longer one is no number that every tool keeps
SHOWN = 5  # names in a note


@dataclass(frozen=True)
class Categories:
    """names: by id, in the order of the ids. notes: what was left out of them, and why."""

    names: dict[Key, str]
    notes: tuple[str, ...] = ()


def coco_content(path: Path) -> dict[str, Any]:
    """The file's JSON, with lists of images, annotations and categories. DataError: it is no COCO file."""
    try:
        content = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:  # ValueError: also a number of too many digits
        raise DataError(f"{path}: not valid JSON ({short_repr(str(error), 80)})") from None
    for key in ("images", "annotations", "categories"):
        found = content.get(key) if isinstance(content, dict) else None
        if not isinstance(found, list):
            raise DataError(f"{path}: expected a COCO file with a list {key!r}, got {short_repr(found)}")
    return content


def coco_key(value: object) -> Key | None:
    """An id as people write it, 3, 3.0 or "3", as one key; other text is itself, what is no id None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**LARGEST_ID:
        return int(value)
    if isinstance(value, str):
        plain = value.isascii() and value.isdecimal() and len(value) <= LARGEST_ID and str(int(value)) == value
        return int(value) if plain else value if is_unicode(value) else None
    return value if isinstance(value, int) else None


def coco_categories(path: Path, content: Mapping[str, Any]) -> Categories:
    """The classes: one that is there twice counts once; a background and a root that no annotation is of are left out.

    A root is what others name as their supercategory, as Roboflow writes one. DataError: an id of two names, or a name
    of two ids that both have annotations.
    """
    names: dict[Key, str] = {}
    for number, category in enumerate(content["categories"]):
        key, name = coco_key(field_of(category, "id")), field_of(category, "name")
        if key is None or not isinstance(name, str) or names.get(key, name) != name:
            raise DataError(
                f"{path}: categories[{number}]: expected a new integer 'id' and a 'name', got {short_repr(category)}"
            )
        names[key] = text_of_name(name, f"{path}: categories[{number}]: name")
    used = {coco_key(field_of(entry, "category_id")) for entry in content["annotations"]}
    unused = {key for key in names if key not in used}
    left_out = _without_objects(content["categories"], names, unused)
    kept = {key: name for key, name in names.items() if key not in left_out}
    repeated = [name for name, count in Counter(kept.values()).items() if count > 1]
    if repeated:
        raise DataError(f"{path}: expected each category name once, found again: {listed(repeated)}")
    notes = tuple(f"{path}: category {key} {names[key]!r} {why}, so it is no class" for key, why in left_out.items())
    return Categories(dict(sorted(kept.items(), key=lambda item: (isinstance(item[0], str), item[0]))), notes)


def _without_objects(entries: list[Any], names: Mapping[Key, str], unused: set[Key]) -> dict[Key, str]:
    """Ids of unused categories that are no classes, and why."""
    above = {name for entry in entries if isinstance(name := field_of(entry, "supercategory"), str)}
    counts = Counter(names.values())
    found: dict[Key, str] = {}
    for entry in entries:
        key = coco_key(field_of(entry, "id"))
        if key is None or key not in unused or key in found:
            continue
        name, root = names[key], field_of(entry, "supercategory") in (None, "none", "")
        if name.casefold() in BACKGROUND_NAMES:
            found[key] = "has no annotation and means the background"
        elif counts[name] > 1:
            found[key], counts[name] = "has no annotation and the name of another", counts[name] - 1
        elif root and name in above:
            found[key] = "has no annotation and is the root that others name as their supercategory"
    return found


def coco_images(path: Path, items: Iterable[Any], problems: list[Problem]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """The well-formed entries of 'images' by id; the others go to problems."""
    seen: set[Key] = set()
    for number, image in enumerate(items):
        given, name = field_of(image, "id"), field_of(image, "file_name")
        key = coco_key(given)
        if key is None or key in seen:
            message = f"expected a new integer 'id', got {short_repr(given)}"
        elif not isinstance(name, str) or not name.strip("./\\ ") or not is_file_name(name) or "\0" in name:
            message = f"expected a 'file_name' below the folder, got {short_repr(name)}"
        else:
            seen.add(key)
            yield key, image
            continue
        problems.append(Problem(path, f"images[{number}]: {message}"))


def coco_annotations(
    path: Path,
    items: Iterable[Any],
    entries: Mapping[Key, Any],
    read: Callable[[Entry, Entry], Thing],
    problems: list[Problem],
) -> dict[Key, list[Thing]]:
    """What `read` makes of each annotation and its image's entry, by image id; an image with one that cannot be read
    is absent. Where annotations belong to no image, so are images without any: they may be theirs.
    """
    things: dict[Key, list[Thing]] = {key: [] for key in entries}
    spoilt: set[Key] = set()
    orphans = 0
    for number, entry in enumerate(items):
        key = coco_key(field_of(entry, "image_id"))
        if key is None or key not in entries:
            orphans += 1
            message = f"no image has the id {short_repr(field_of(entry, 'image_id'))}"
            problems.append(Problem(path, f"annotations[{number}]: {message}"))
            continue
        try:
            things[key].append(read(entry, entries[key]))
        except DataError as error:
            spoilt.add(key)
            name = entries[key]["file_name"]
            problems.append(Problem(path, f"annotations[{number}] of {name}: {error}"))
    bare = [key for key, found in things.items() if not found and key not in spoilt] if orphans else []
    if bare:
        names = listed((str(entries[key]["file_name"]) for key in bare), SHOWN)
        one = plural(orphans, "annotation")
        problems.append(Problem(path, f"{one} may be of the images without any, which are left out: {names}"))
    return {key: found for key, found in things.items() if key not in spoilt and key not in set(bare)}


def coco_class(entry: Entry, names: Mapping[Key, str], class_ids: Mapping[str, int]) -> int:
    """The class id of an annotation. DataError: an unknown category or class."""
    key = coco_key(entry.get("category_id"))
    name = None if key is None else names.get(key)
    if name is None:
        raise DataError(f"unknown category_id {short_repr(entry.get('category_id'))}")
    if name not in class_ids:
        raise DataError(f"unknown class {name!r}; known: {listed(class_ids)}")
    return class_ids[name]


def coco_crowd(entry: Entry) -> bool:
    """`iscrowd`, which tools also write as null, true or "0". DataError: it is something else."""
    crowd = entry.get("iscrowd")
    if crowd in (None, 0, "0", ""):
        return False
    if crowd in (1, "1"):
        return True
    raise DataError(f"expected iscrowd 0 or 1, got {short_repr(crowd)}")


def field_of(entry: Any, key: str) -> Any:
    """entry[key], None where the entry is no object or has no such key."""
    return entry.get(key) if isinstance(entry, dict) else None
