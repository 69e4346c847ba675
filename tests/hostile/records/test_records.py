"""Records that were edited by hand or made by somebody else, given to merge, --from-jsonl and reports."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.ops.masks import box_of_counts, mask_of_counts, rle_counts, rle_to_string
from tests.hostile.inside import outcome
from tests.program import CAT

DETECTION = {"label": "cat", "class_id": 7, "score": 0.5, "box": [0, 0, 10, 10]}
NAN, INF = float("nan"), float("inf")
HUGE = {"size": [100_000, 100_000], "counts": rle_to_string(np.array([5, 10**10 - 5]))}
CHANGES = [
    {"shard": {"index": 0, "of": 10**15, "run": "x"}},
    {"shard": {"index": INF, "of": 1, "run": "x"}},
    {"shard": {"index": 3, "of": 1, "run": "x"}},
    {"shard": {"index": -1, "of": 1, "run": "x"}},
    {"shard": 3},
    {"schema": "dlcli.foo/1"},
    {"schema": "dlcli./1"},
    {"detections": 5},
    {"detections": [5]},
    {"detections": None},
    {"detections": [DETECTION | {"score": NAN}]},
    {"detections": [DETECTION | {"box": [-INF, 0, INF, 10]}]},
    {"detections": [DETECTION | {"box": [0, 0, 1e300, 1e300]}]},
    {"detections": [DETECTION | {"box": [0, 0, 10]}]},
    {"detections": [DETECTION | {"label": 5}]},
    {"detections": [DETECTION | {"label": "<\u0000\n"}]},
    {"detections": [DETECTION | {"class_id": "7"}]},
    {"detections": [{"label": "cat", "score": 1, "box": [0, 0, 1, 1]}], "width": None},
    {"source": "\ud800"},
    {"source": "", "detections": [DETECTION]},
    {"source": "/", "detections": [DETECTION]},
    {"source": "..", "detections": [DETECTION]},
    {"source": "../../../x.jpg", "detections": [DETECTION]},
    {"source": "a\0b", "detections": [DETECTION]},
    {"source": "x" * 5000, "detections": [DETECTION]},
    {"source_bytes": "!!"},
    {"source_bytes": "AAAA", "detections": [DETECTION]},
    {"source_bytes": 5},
    {"outputs": 5},
    {"outputs": [5]},
    {"outputs": ["/etc/passwd"]},
    {"outputs": ["../../../../etc/passwd"]},
    {"outputs": ["a\0b"]},
    {"outputs": [""]},
    {"ok": False},
    {"ok": False, "error": [1]},
    {"ok": False, "error": {"kind": 5, "message": None}},
    {"model": ["x"]},
    {"model": {"a": 1}},
    {"crop": 5},
    {"crop": {"index": "x"}},
    {"width": -5, "detections": [DETECTION]},
    {"width": 10**30, "detections": [DETECTION]},
    {"schema": "dlcli.segment/1", "detections": None},
    {"schema": "dlcli.segment/1", "classes": [{"label": "cat", "class_id": 8, "share": 0.5, "rle": HUGE}]},
    {"schema": "dlcli.segment/1", "classes": [{"label": "cat", "rle": {"size": [-1, 3], "counts": "0"}}]},
    {"schema": "dlcli.segment/1", "classes": [{"label": "cat", "rle": {"size": [3, 3], "counts": "zz~~"}}]},
    {"schema": "dlcli.segment/1", "classes": [{"label": "cat", "rle": 3}]},
]


def record(change):
    good = {"schema": "dlcli.detect/1", "source": "a.jpg", "ok": True, "width": 451, "height": 300, "model": "m"}
    return json.dumps(good | ({} if "classes" in change else {"detections": []}) | change)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(CAT, "a.jpg")
    return tmp_path


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: json.dumps(change)[:50])
def test_a_record_of_a_wrong_shape(change, folder):
    """In every command that reads records, alone and behind a good one: exit codes that mean something, in no time."""
    (folder / "bad.jsonl").write_text(record(change) + "\n")
    (folder / "two.jsonl").write_text(record({"source": "b.jpg"}) + "\n" + record(change) + "\n")
    reports = [f"--report={kind}=r.{kind}" for kind in ("junit", "sarif", "markdown", "csv", "html")]
    for name in ("bad.jsonl", "two.jsonl"):
        for arguments in (
            ["merge", name],
            ["merge", name, "--out", f"{name}.out"],
            ["merge", name, *reports, "--fail-if", "count(*) > 3", "--require", "share(*) < 0.5", "--quiet"],
            ["diff", name, "two.jsonl"],
            ["preprocess", "--from-jsonl", name, "--out", f"{name}-out", "--json"],
            ["convert", name, "to", "--to", "coco"],
        ):
            ran = outcome(arguments)
            assert ran.code in range(6), (arguments, ran.err)
            assert ran.seconds < 60
    inside = {path.name for path in folder.iterdir()}
    assert inside <= {"a.jpg", "to", *(f"r.{kind}" for kind in ("junit", "sarif", "markdown", "csv", "html"))} | {
        f"{name}{end}" for name in ("bad.jsonl", "two.jsonl") for end in ("", ".out", "-out")
    }


def test_what_merge_writes_can_be_read_again(folder):
    """What it lets through is whole JSON in UTF-8."""
    for change in CHANGES:
        (folder / "bad.jsonl").write_text(record(change) + "\n")
        (folder / "out.jsonl").unlink(missing_ok=True)
        if outcome(["merge", "bad.jsonl", "--out", "out.jsonl"]).code == 0:
            text = (folder / "out.jsonl").read_text(encoding="utf-8")
            assert "NaN" not in text
            assert "Infinity" not in text
            assert outcome(["merge", "out.jsonl"]).code == 0


@given(st.integers(1, 7), st.integers(1, 7), st.data())
def test_the_box_around_runs_is_the_one_around_their_mask(height, width, data):
    flat = data.draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width))
    mask = np.array(flat).reshape(height, width)
    counts = rle_counts(mask)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    expected = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) if mask.any() else (0, 0, 0, 0)
    assert box_of_counts(counts, height, width) == expected
    assert (mask_of_counts(counts, height, width) == mask).all()
