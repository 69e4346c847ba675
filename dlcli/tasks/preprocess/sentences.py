"""What closes a run of `dlcli preprocess`, also when its records are merged. Light."""

from collections import Counter
from collections.abc import Mapping, Sequence

from dlcli.messages import plural
from dlcli.tasks.answers import Record

UNUSABLE = "unusable"


def sentence_of(records: Sequence[Record]) -> str:
    """Of --check where the records have findings, else of the files that were written."""
    whole = [record for record in records if record["ok"]]
    failed = len(records) - len(whole)
    if any("findings" in record for record in whole) or not whole:
        found = [record.get("findings", ()) for record in whole]
        counts = Counter(item["kind"] for items in found for item in items)
        return audited(len(records), failed, sum(bool(items) for items in found), counts)
    return written(len(records), sum(len(record["outputs"]) for record in whole), failed)


def written(images: int, files: int, failed: int) -> str:
    """ "3 images: 3 files written; 1 failed" """
    return f"{plural(images, 'picture')}: {plural(files, 'file')} written{f'; {failed:,} failed' if failed else ''}"


def audited(images: int, unusable: int, warned: int, counts: Mapping[str, int]) -> str:
    """ "120 images: 2 unusable, 5 with warnings (3 near-duplicate, 2 exif-turned)" """
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    parts = [f"{unusable:,} {UNUSABLE}"] if unusable else []
    parts += [f"{warned:,} with warnings ({kinds})"] if warned else []
    return f"{plural(images, 'picture')}: {', '.join(parts) or 'no fault found'}"
