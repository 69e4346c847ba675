"""SARIF 2.1.0 (OASIS), as GitHub's code scanning reads it: a result for each failure and each broken gate.

Rules are image/KIND (an image that failed), gate/... (a condition that broke) and check/KIND (what
`preprocess --check` found). Every result has one location; boxes have no place in it, since SARIF knows regions of text
and of bytes, not of pixels.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports.predictions import (
    Broken,
    BrokenGates,
    gate_counts,
    message_of,
    name_of,
    one_line,
    predictions_of,
    strict_check,
)
from dlcli.batch.reports.summary import RunSummary
from dlcli.frozen import dataclass
from dlcli.tasks.answers import Record

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 25_000  # of one run that GitHub takes
ROOT = "%SRCROOT%"


@dataclass(frozen=True)
class _Finding:
    rule: str
    what: str  # of the rule, for people
    level: str
    message: str
    location: dict[str, Any]
    about: str  # the image, or "" for all of them


def render(summary: RunSummary, records: Sequence[Record]) -> bytes:
    """UTF-8 JSON. Errors come first where there are more results than GitHub takes; a notification tells the rest."""
    found = list(_findings(summary, records))
    kept = sorted(found, key=lambda one: one.level != "error")[:MOST_RESULTS] if len(found) > MOST_RESULTS else found
    rules: dict[str, dict[str, Any]] = {}
    for one in kept:
        rules.setdefault(one.rule, _rule(one))
    order = {rule: index for index, rule in enumerate(rules)}
    driver = {"name": "dlcli", "version": summary.version, "rules": list(rules.values())}
    skipped = {"skipped": summary.skipped} if summary.skipped else {}
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(summary, len(found) - len(kept))],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder in which dlcli was started."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, order[one.rule]) for one in kept],
        "properties": {"task": summary.task, "model": one_line(summary.model), "runHash": summary.run_hash, **skipped},
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return (json.dumps(log, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _findings(summary: RunSummary, records: Sequence[Record]) -> Iterator[_Finding]:
    """Gates on all images first, then each image's in the order of the run."""
    level = "error" if gate_counts(summary) else "warning"
    for gate in summary.gates:
        if gate.broken and not gate.images:
            yield _Finding(_gate_rule(gate), _gate_text(gate), level, gate.sentence(), _of_all(records), "")
    broken = BrokenGates(summary.gates)
    for record in records:
        name, location = name_of(record), _location(_uri(record))
        for rule, what, harm, message in _of_image(summary, record, broken.of(record), level):
            yield _Finding(rule, what, harm, f"{name}: {message}", location, name)


def _of_image(
    summary: RunSummary, record: Record, broken: Sequence[Broken], level: str
) -> Iterator[tuple[str, str, str, str]]:
    """(rule, what it is about, level, message) of each result. level: of gates."""
    if not record["ok"]:
        kind = one_line(record["error"]["kind"])
        harm = "warning" if summary.skip_bad else "error"
        yield f"image/{kind}", f"An image that cannot be used: {kind}", harm, message_of(record)
    for one in broken:
        yield _gate_rule(one.gate), _gate_text(one.gate), level, one_line(one.sentence())
    harm = "error" if strict_check(summary) else "warning"
    for prediction in predictions_of(summary.task, record):
        if prediction.note:
            yield (
                f"check/{prediction.label}",
                f"A finding of preprocess --check: {prediction.label}",
                harm,
                one_line(prediction.note),
            )


def _gate_rule(gate: GateOutcome) -> str:
    return f"gate/{gate.option.lstrip('-')}/{one_line(gate.text)}"


def _gate_text(gate: GateOutcome) -> str:
    return one_line(f"{gate.option} '{gate.text}'")


def _rule(one: _Finding) -> dict[str, Any]:
    text = {"text": _text(one.what)}
    return {
        "id": one.rule,
        "shortDescription": text,
        "fullDescription": text,
        "help": text,  # GitHub wants all three
        "defaultConfiguration": {"level": one.level},
        "properties": {"tags": [one.rule.partition("/")[0]]},
    }


def _result(one: _Finding, index: int) -> dict[str, Any]:
    print_of = hashlib.sha256(f"{one.rule}\0{one.about}".encode("utf-8", "replace")).hexdigest()[:16]
    return {
        "ruleId": one.rule,
        "ruleIndex": index,
        "level": one.level,
        "message": {"text": _text(one.message)},
        "locations": [one.location],
        "partialFingerprints": {"primaryLocationLineHash": f"{print_of}:1"},
    }


def _invocation(summary: RunSummary, cut: int) -> dict[str, Any]:
    notes = [summary.sentence]
    if cut:
        notes.append(f"{cut:,} more results are left out: {MOST_RESULTS:,} is the most that GitHub takes")
    return {
        "executionSuccessful": summary.exit_code in (0, 1),
        "exitCode": int(summary.exit_code),
        "toolExecutionNotifications": [{"level": "note", "message": {"text": _text(note)}} for note in notes if note],
    }


def _text(text: str) -> str:
    """Plain text in which nothing reads as one of SARIF's links (3.11.6)."""
    text = one_line(text)
    return text.replace("[", "\\[") if "](" in text else text


def _location(uri: str) -> dict[str, Any]:
    """GitHub wants a line; an image has the first."""
    artifact = {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": ROOT}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": 1}}}


def _of_all(records: Sequence[Record]) -> dict[str, Any]:
    """The folder that all images have in common, where they are below this one."""
    uris = [_uri(record) for record in records]
    folders = [PurePosixPath(uri).parent for uri in uris if not uri.startswith("file:")]
    common = os.path.commonpath(folders) if folders and len(folders) == len(uris) else "."
    return _location(f"{common}/" if common not in ("", ".") else "./")


def _uri(record: Record) -> str:
    """Relative to this folder where the image is below it, else file:///; every byte of the name is kept."""
    raw = record.get("source_bytes")
    name = base64.b64decode(raw) if raw else record["source"].encode("utf-8", "replace")
    path = os.path.normpath(name)
    if path.startswith((b"/", b"..")):
        return "file://" + quote(os.path.abspath(path))
    return quote(path)
