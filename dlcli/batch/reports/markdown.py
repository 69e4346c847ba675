"""A page of Markdown, as GitHub and GitLab show it: the summary line, gates, failures, labels, images."""

import re
from collections.abc import Iterator, Sequence

from dlcli.batch.reports.predictions import Broken, BrokenGates, message_of, name_of, one_line, predictions_of, tally_of
from dlcli.batch.reports.summary import RunSummary
from dlcli.batch.sources.skipped import shown
from dlcli.messages import plural
from dlcli.tasks.answers import Record, together
from dlcli.tasks.registry import find_task

MOST_ROWS = 200  # of a table; the others are counted
MOST_PREDICTIONS = 10  # named in an image's row
_SPECIAL = re.compile(r"([\\`*_{}\[\]|~#$@])")  # $: GitHub's formulas, @: its mentions


def render(summary: RunSummary, records: Sequence[Record]) -> bytes:
    """UTF-8; what a file's name holds is shown and never read as Markdown or HTML."""
    return ("\n".join(_lines(summary, records)) + "\n").encode("utf-8", "replace")


def _lines(summary: RunSummary, records: Sequence[Record]) -> Iterator[str]:
    yield from (f"## dlcli {summary.task}", "", escaped(summary.sentence), "")
    if summary.gates:
        yield from ("### Gates", "")
        rows = [(_mark(gate.broken), f"{gate.option} {gate.text}", gate.reason) for gate in summary.gates]
        yield from table(("", "gate", ""), rows)
    if summary.skipped:
        yield from ("### Not looked at", "")
        yield from table(("kind", "count"), [(shown(kind, n), f"{n:,}") for kind, n in summary.skipped.items()])
    failed = [record for record in records if not record["ok"]]
    if failed:
        yield from (f"### {plural(len(failed), 'failed image')}", "")
        yield from table(
            ("image", "kind", "why"), [(name_of(r), r["error"]["kind"], message_of(r)) for r in failed[:MOST_ROWS]]
        )
        yield from _more(len(failed))
    tally = tally_of(summary.task, records)
    if tally:
        head = find_task(summary.task).column_title
        yield from (f"### {head.capitalize()}s", "")
        yield from table((head, "count"), [(label, f"{count:,}") for label, count in tally[:MOST_ROWS]])
        yield from _more(len(tally))
    yield from _images(summary, [record for record in records if record["ok"]])
    model = f"Model {summary.model}, dlcli {summary.version}" if summary.model else f"dlcli {summary.version}"
    yield escaped(f"{model}, run {summary.run_hash[:16]}")


def _images(summary: RunSummary, records: Sequence[Record]) -> Iterator[str]:
    """Those that broke a gate come first."""
    if not records:
        return
    broken = BrokenGates(summary.gates)
    ordered = sorted(records, key=lambda record: not broken.of(record))
    yield from ("### Images", "")
    head = ("", "image", "size", "found") if summary.gates else ("image", "size", "found")
    rows = []
    for record in ordered[:MOST_ROWS]:
        row = (name_of(record), f"{record['width']} x {record['height']}", found_text(summary.task, record))
        rows.append((_why(broken.of(record)), *row) if summary.gates else row)
    yield from table(head, rows)
    yield from _more(len(ordered))


def found_text(task: str, record: Record) -> str:
    """Such as "cat 0.90, dog 0.43"; the files, where a task only makes images."""
    found = predictions_of(task, record)
    if not any(prediction.note for prediction in found) and len(found) > MOST_PREDICTIONS:
        return together(found)
    texts = [prediction.note or prediction.shown() for prediction in found] or list(record.get("outputs", ()))
    more = f", {len(texts) - MOST_PREDICTIONS} more" if len(texts) > MOST_PREDICTIONS else ""
    return ", ".join(texts[:MOST_PREDICTIONS]) + more


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of a table and an empty one, every cell escaped."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(escaped(cell) for cell in row) + " |"
    yield ""


def escaped(text: str) -> str:
    """The text on one line, without meaning to Markdown, HTML and GitHub."""
    text = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _SPECIAL.sub(r"\\\1", text)
    return text.replace("://", ":&#47;&#47;").replace("www.", "www&#46;")


def _why(broken: Sequence[Broken]) -> str:
    """ "❌ dog 0.44" """
    return " ".join([_mark(bool(broken)), *filter(None, [", ".join(one.evidence for one in broken)])])


def _mark(broken: bool) -> str:
    return "❌" if broken else "✅"


def _more(count: int) -> Iterator[str]:
    if count > MOST_ROWS:
        yield from (f"{count - MOST_ROWS:,} more are left out of this table.", "")
