"""JUnit's XML, as Jenkins and GitLab read it: a test case an image, and one for each gate on all images together.

An image that failed is an error (skipped with --skip-bad), one that broke a gate is a failure. There is no time stamp,
so that equal runs are equal bytes; `time` comes from --timings alone.
"""

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports.predictions import (
    Broken,
    BrokenGates,
    message_of,
    name_of,
    one_line,
    predictions_of,
    strict_check,
)
from dlcli.batch.reports.summary import RunSummary
from dlcli.batch.sources.skipped import shown
from dlcli.tasks.answers import Record, together


def render(summary: RunSummary, records: Sequence[Record]) -> bytes:
    """UTF-8, whatever a name holds: what XML cannot hold is written out as "\\x01"."""
    suite = ET.Element("testsuite", name=f"dlcli.{summary.task}")
    broken, strict = BrokenGates(summary.gates), strict_check(summary)
    for record in records:
        _image(suite, summary, record, broken.of(record), strict)
    for gate in summary.gates:
        if not gate.images:
            _gate(suite, summary, gate)
    for kind, number in summary.skipped.items():
        name = f"not looked at: {shown(kind, number)}"
        case = ET.SubElement(suite, "testcase", name=one_line(name), classname=f"dlcli.{summary.task}.skipped")
        _end(case, "skipped", [name], kind)
    _count(suite)
    ET.SubElement(suite, "system-out").text = one_line(f"{summary.sentence}; run {summary.run_hash}")
    whole = ET.Element("testsuites", {"name": f"dlcli {summary.task}", **_counts(suite)})
    whole.append(suite)
    ET.indent(whole)
    return ET.tostring(whole, "utf-8", xml_declaration=True) + b"\n"


def _image(suite: ET.Element, summary: RunSummary, record: Record, broken: Sequence[Broken], strict: bool) -> None:
    case = ET.SubElement(suite, "testcase", name=name_of(record), classname=f"dlcli.{summary.task}")
    case.set("file", one_line(record["source"]))
    if "timings" in record:
        case.set("time", f"{sum(record['timings'].values()) / 1000:.3f}")
    notes = [one_line(prediction.note) for prediction in predictions_of(summary.task, record) if prediction.note]
    if not record["ok"]:
        _end(case, "skipped" if summary.skip_bad else "error", [message_of(record)], record["error"]["kind"])
    elif broken:  # in one element: Jenkins keeps one a test case
        _end(case, "failure", [one.sentence() for one in broken], "gate")
    elif notes and strict:
        _end(case, "failure", notes, "check")
        return
    text = ", ".join(notes) or together(predictions_of(summary.task, record))
    if text:
        ET.SubElement(case, "system-out").text = one_line(text)


def _gate(suite: ET.Element, summary: RunSummary, gate: GateOutcome) -> None:
    name = one_line(f"{gate.option} {gate.text}")
    case = ET.SubElement(suite, "testcase", name=name, classname=f"dlcli.{summary.task}.gates")
    if gate.broken:
        _end(case, "failure", [gate.sentence()], "gate")


def _end(case: ET.Element, how: str, lines: Sequence[str], kind: str) -> None:
    lines = [one_line(line) for line in lines]
    end = ET.SubElement(case, how, message="; ".join(lines))
    if how != "skipped":  # which has no type in the common schema
        end.set("type", one_line(kind))
        end.text = "\n".join(lines)


def _count(suite: ET.Element) -> None:
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    times = [float(case.get("time", 0)) for case in suite.findall("testcase")]
    if any(times):
        suite.set("time", f"{sum(times):.3f}")


def _counts(suite: ET.Element) -> dict[str, str]:
    return {name: suite.get(name, "0") for name in ("tests", "failures", "errors")}
