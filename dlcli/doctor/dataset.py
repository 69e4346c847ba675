"""Is this data set fit to train on and to be measured by? `dlcli doctor DATASET`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from dlcli.data.classes import similar_labels
from dlcli.data.dataset import Kind, Problem
from dlcli.data.kinds import BOXES, CLASSES
from dlcli.doctor.duplicates import alike_in_two_parts, same_bytes, same_in_two_parts
from dlcli.doctor.finding import Finding, fault, ok, warning
from dlcli.doctor.fingerprint import Fingerprint, Progress, look_at
from dlcli.doctor.labeled_set import LabeledSet
from dlcli.messages import plural
from dlcli.runtime.threads import default_threads

FEW = 20  # examples of a class in the first split


def examine_set(data: LabeledSet, progress: Progress | None = None, threads: int | None = None) -> Iterator[Finding]:
    """Findings on a set that was read. progress: called with (done, total) images. Nothing is written."""
    yield _described(data)
    yield from _labels(data)
    yield from _decided(data)
    seen, undecodable = look_at(data.kind, data.parts, progress, threads or default_threads())
    problems = [problem for part in data.parts for problem in part.problems] + undecodable
    yield _files(list(dict.fromkeys(problems)), len(seen))
    yield _blank(seen)
    yield _turned(seen, data.kind)
    yield from _sameness(seen)
    yield from _across(seen, len(data.parts))
    yield _classes(seen, data)
    if data.kind is BOXES:
        yield _without_boxes(seen)


def _described(data: LabeledSet) -> Finding:
    first, task = data.parts[0].data, data.task
    sizes = {part.name or "all": len(part.data.items) for part in data.parts}
    counts = ", ".join(f"{name} {count:,}" for name, count in sizes.items())
    also = f"; labels for {' and '.join(data.also)} too, see --task" if data.also else ""
    unread = f"; not checked: {', '.join(data.unread)}, see --splits" if data.unread else ""
    facts = {"task": task, "layout": first.format, "splits": sizes, "unread": list(data.unread)}
    return ok(
        "set",
        f"{first.format} for {task}, {plural(len(first.labels), 'class')}; images: {counts}{also}{unread}",
        **facts,
    )


def _decided(data: LabeledSet) -> Iterator[Finding]:
    """What was decided about the set as a whole, as training and evaluation decide it too."""
    notes = tuple(dict.fromkeys(note for part in data.parts for note in part.data.notes))
    if notes:
        yield replace(ok("reading", f"{plural(len(notes), 'rule')} for the set as a whole"), items=notes)


def _labels(data: LabeledSet) -> Iterator[Finding]:
    """Every split numbers the same classes in the same order, and no two differ by case or spaces alone."""
    alike = similar_labels(data.parts[0].data.labels)
    if alike:
        text = f"classes whose names differ by case, spaces or marks alone: {'; '.join(map(' and '.join, alike))}"
        yield warning("names", text, "make one class of them, if they are one")
    first, labels = data.parts[0], data.parts[0].data.labels
    for part in data.parts[1:]:
        if part.data.labels != labels:
            text = f"{part.name} has the classes {', '.join(part.data.labels)}; {first.name} {', '.join(labels)}"
            yield warning("labels", text, "give every split the same classes in the same order")
            return
    yield ok("labels", ", ".join(labels[:30]) + (" ..." if len(labels) > 30 else ""), labels=labels)


def _files(problems: Sequence[Problem], usable: int) -> Finding:
    """What `dlcli train` would refuse: unreadable images, other sizes, boxes outside, unknown labels and values."""
    if not problems:
        return ok("files", f"{usable:,} images and their labels can be used", usable=usable)
    found = fault("files", f"{_files_text(len(problems))} cannot be used", "fix them, or train with --skip-bad")
    return replace(found, facts={"usable": usable}, items=tuple(map(_sized, problems)))


def _sized(problem: Problem) -> str:
    """A file without a byte is called so, whatever a decoder made of it."""
    with suppress(OSError):
        if problem.path.is_file() and not problem.path.stat().st_size:
            return f"{problem.path}: the file is empty (0 bytes)"
    return str(problem)


def _blank(seen: list[Fingerprint]) -> Finding:
    blank = [str(item.path) for item in seen if item.blank]
    return _listed("blank", blank, "{} of one color throughout", "look whether the files were damaged")


def _turned(seen: list[Fingerprint], kind: Kind[Any]) -> Finding:
    """Boxes and masks are taken to be of the upright image; a tool that ignores the tag annotates it as stored."""
    turned = [str(item.path) for item in seen if item.turned]
    if kind is CLASSES and turned:
        return ok("exif", f"{_files_text(len(turned))} turned by the EXIF tag, which is applied", turned=len(turned))
    advice = "make sure that they were annotated upright"
    return _listed("exif", turned, "{} turned by the EXIF tag", advice)


def _sameness(seen: list[Fingerprint]) -> Iterator[Finding]:
    """Copies within a split, and copies anywhere that are labeled otherwise."""
    by_part: dict[str, list[Fingerprint]] = {}
    for item in seen:
        by_part.setdefault(item.part, []).append(item)
    copies = [group for items in by_part.values() for group in same_bytes(items)]
    lines = [_together(group) for group in copies]
    yield _listed("duplicates", lines, "{} in a split more than once, byte for byte", "keep one of each", "image")
    torn = [group for group in same_bytes(seen) if len({item.truth for item in group}) > 1]
    lines = [_together(group) for group in torn]
    yield _listed("contradictions", lines, "{} labeled in two ways", "decide which label is right", "image")


def _across(seen: list[Fingerprint], parts: int) -> Iterator[Finding]:
    if parts < 2:
        yield ok("leaks", "one split only, so nothing can leak into another")
        return
    advice = "take them out of one split: scores are too good otherwise"
    leaks = [f"{_in(one)} = {_in(other)}" for one, other in same_in_two_parts(seen)]
    yield _listed("leaks", leaks, "{} in two splits", advice, "image")
    alike = [f"{_in(one)} ~ {_in(other)} ({bits} of 64 bits)" for one, other, bits in alike_in_two_parts(seen)]
    yield _listed("near-leaks", alike, "{} nearly the same in two splits", "look at them; " + advice, "image")


def _classes(seen: list[Fingerprint], data: LabeledSet) -> Finding:
    """Examples (boxes, or images with the class) in each split; warned of where the first has few, or none."""
    counts = {part.name or "all": Counter[int]() for part in data.parts}
    for item in seen:
        counts[item.part or "all"].update(item.classes)
    labels = data.parts[0].data.labels
    table = {name: {label: found[number] for number, label in enumerate(labels)} for name, found in counts.items()}
    first = next(iter(table))
    few = [f"{label}: {count} in {first}" for label, count in table[first].items() if count < FEW]
    missing = [
        f"{label}: none in {name}" for name in table if name != first for label, n in table[name].items() if not n
    ]
    if not few and not missing:
        low = min(table[first].items(), key=lambda pair: pair[1], default=("", 0))
        return ok("classes", f"at least {low[1]:,} examples of each in {first} ({low[0]})", examples=table)
    text = f"{len(few)} with fewer than {FEW} examples, {len(missing)} not in every split"
    found = warning("classes", text, "collect more, or leave the class out")
    return replace(found, facts={"examples": table}, items=(*few, *missing))


def _without_boxes(seen: list[Fingerprint]) -> Finding:
    bare = [str(item.path) for item in seen if not item.classes]
    text = f"{len(bare):,} of {len(seen):,} images have no box"
    if 2 * len(bare) > len(seen):
        advice = "a detector learns from boxes; make sure that none were lost"
        return replace(warning("background", text, advice), items=tuple(bare))
    return ok("background", text, without_boxes=len(bare))


def _listed(check: str, items: list[str], text: str, advice: str, noun: str = "file") -> Finding:
    """Ok where there are no items, else a warning that lists them. text: with {} for their count."""
    count = f"{len(items):,} {noun}{'s' * (len(items) != 1)}"
    if not items:
        return ok(check, text.format(f"no {noun}"), count=0)
    return replace(warning(check, text.format(count), advice), facts={"count": len(items)}, items=tuple(items))


def _files_text(count: int) -> str:
    return f"{count:,} file{'s' * (count != 1)}"


def _together(group: list[Fingerprint]) -> str:
    return " = ".join(str(item.path) for item in group)


def _in(item: Fingerprint) -> str:
    return f"{item.path} ({item.part})"
