"""What a run did not look at, stored in its state, so that `dlcli merge` knows it of the records beside it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlcli.batch.files.run_files import Entry, JsonlIndex
from dlcli.batch.sources.skipped import PAGES
from dlcli.claims import as_claim, claim_of_file

SKIPPED = "skipped"  # of the state's first line


def with_skipped(head: Entry, counts: Mapping[str, int]) -> Entry:
    """The state's first line, when the run is whole."""
    return head | {SKIPPED: dict(sorted(counts.items()))}


def stored_skipped(results: Path) -> Counter[str] | None:
    """By kind, of the run that wrote these records; None where no state beside them is theirs, or it tells nothing."""
    state = results.with_name(results.name.removesuffix(".jsonl") + ".state.jsonl")
    if results.suffix != ".jsonl" or not results.is_file() or not state.is_file():
        return None
    lines = JsonlIndex([state])
    lines.close()
    claims = [head["files"].get(results.name) for head in lines.heads if isinstance(head.get("files"), dict)]
    counts = next((head[SKIPPED] for head in lines.heads if SKIPPED in head), None)
    if not _is_count(counts) or claim_of_file(results) not in [as_claim(claim) for claim in claims]:
        return None
    return Counter(counts)


def skipped_of_parts(parts: Sequence[Counter[str] | None], sharded: bool) -> Counter[str] | None:
    """Of files that become one; None where one of them does not tell.

    Shards have searched the same folders, so that these count once; frames and pages are of each one's own images.
    """
    found: Counter[str] = Counter()
    for part in parts:
        if part is None:
            return None
        for kind, number in part.items():
            found[kind] = max(found[kind], number) if sharded and kind != PAGES else found[kind] + number
    return found


def _is_count(value: Any) -> bool:
    return isinstance(value, dict) and all(type(number) is int and number >= 0 for number in value.values())
