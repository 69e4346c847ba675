"""`--match CONDITION` with --copy-matching or --link-matching: whole images into a folder, the tree kept."""

import filecmp
import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from dlcli.batch.gates.expression import ANY, Gate
from dlcli.batch.gates.parser import parse_gate
from dlcli.batch.options import BatchOptions
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.imaging.extensions import is_video
from dlcli.messages import as_text
from dlcli.records import Source

MATCH = "--match"


@dataclass(frozen=True)
class Matching:
    """gate: holds the condition. folder: for what matches. link: do not copy, link."""

    gate: Gate
    folder: Path
    link: bool

    @property
    def option(self) -> str:
        return f"--{'link' if self.link else 'copy'}-matching {self.folder}"

    def goal(self, source: Source) -> Path:
        return self.folder / source.place


def parse_matching(batch: BatchOptions) -> Matching | None:
    """What the options ask for. UsageError: one of them without the other, or a condition that is none."""
    if batch.copy_matching is not None and batch.link_matching is not None:
        raise UsageError("--copy-matching and --link-matching: give one of them")
    folder = batch.copy_matching or batch.link_matching
    if folder is None:
        if batch.match:
            raise UsageError(f"{MATCH} '{batch.match}': needs --copy-matching DIR or --link-matching DIR")
        return None
    if not batch.match:
        raise UsageError(f"--{'copy' if batch.copy_matching else 'link'}-matching {folder}: say which images by "
                         f"{MATCH} CONDITION, such as {MATCH} 'count(dog) > 0'")  # fmt: skip
    if batch.from_jsonl:
        raise UsageError(f"{MATCH}: takes whole images; leave out --from-jsonl")
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{MATCH}: {folder} is no folder; name a new one")
    gate = parse_gate(MATCH, batch.match)
    if gate.scope != ANY or any(term.quantity == "skipped" for term in gate.terms()):
        raise UsageError(
            f"{MATCH} '{batch.match}': is asked of each image by itself; leave out all:, total: and skipped()"
        )
    return Matching(gate, folder, batch.copy_matching is None)


def refuse_places(matching: Matching, sources: Sequence[Source]) -> None:
    """UsageError, before any work: two images of one place, another file there, or an image without a file."""
    taken: dict[PurePosixPath, Source] = {}
    root = os.path.realpath(matching.folder) + os.sep
    for source in sources:
        if source.path is None or is_video(source):
            raise UsageError(f"{matching.option}: {source.text} is no file of one image; leave it out")
        if os.path.realpath(source.path).startswith(root):
            raise UsageError(f"{matching.option}: {source.text} is an input, and lies there; name another folder")
        met = taken.setdefault(source.place, source)
        if met is not source:
            raise UsageError(
                f"{matching.option}: {met.text} and {source.text} would both be {source.place}; run them apart"
            )
        is_there(matching, source)


def is_there(matching: Matching, source: Source) -> bool:
    """Whether the image is there already. UsageError: another file is."""
    goal = matching.goal(source)
    if not os.path.lexists(goal):
        return False
    if source.path is None or not goal.is_file() or not filecmp.cmp(source.path, goal, shallow=False):
        raise UsageError(
            f"{matching.option}: {as_text(goal)} is there already, and is no {source.text}; name another folder"
        )
    return True
