"""Changed records through every command that reads some: no fault of dlcli's, and a sentence that names the place.

DLCLI_MUTATIONS=2000 changes so many records instead of a few.
"""

import json
import os
import random
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.hostile.inside import outcome
from tests.hostile.records.mutations import mutated, real_records
from tests.program import CAT, validate_records

COUNT = int(os.environ.get("DLCLI_MUTATIONS", "60"))
PARTS = 4  # tests that share them, so that one that fails says where
FORMATS = ("html", "csv", "junit", "sarif", "markdown", "github")
REPORTS = [f"--report={kind}=r.{kind}" for kind in FORMATS]
MEANT = {0, 1, 2, 3, 5}


@cache
def real():
    with TemporaryDirectory() as folder:
        return real_records(Path(folder))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(CAT, "a.jpg")
    return tmp_path


def commands(record):
    """Command lines for two.jsonl, a good record and the changed one behind it, and for that one alone."""
    yield ["merge", "one.jsonl", "--quiet", *REPORTS]
    yield ["merge", "two.jsonl", "--quiet", "--report=csv=r.csv"]
    yield ["diff", "good.jsonl", "two.jsonl"]
    yield ["preprocess", "--from-jsonl", "two.jsonl", "--check", "--json"]
    if record["schema"] in ("dlcli.detect/1", "dlcli.segment/1"):
        yield ["merge", "one.jsonl", "--fail-if", "count(*) > 3", "--require", "share(*) < 0.5", "--quiet"]
        yield ["convert", "two.jsonl", "to.json", "--to", "coco", "--overwrite", "--allow-loss"]


@pytest.mark.parametrize("part", range(PARTS))
def test_changed_records(part, folder):
    rng = random.Random(part)
    for _ in range(COUNT // PARTS):
        good = rng.choice(real())
        bad = mutated(good, rng)
        if rng.random() < 0.8:  # of a shard, which no other record is
            bad.pop("shard", None)
        (folder / "one.jsonl").write_text(json.dumps(bad) + "\n")
        (folder / "good.jsonl").write_text(json.dumps(good) + "\n")
        (folder / "two.jsonl").write_text(json.dumps(good | {"source": "a.jpg"}) + "\n\n" + json.dumps(bad) + "\n")
        for arguments in commands(good):
            ran = outcome(arguments)
            assert ran.code in MEANT, (arguments, bad, ran.err)
            assert "Traceback" not in ran.err
            assert ran.seconds < 20
            if ran.code in (2, 5) and "line " in ran.err:
                assert "two.jsonl: line 3: " in ran.err or "one.jsonl: line 1: " in ran.err, (arguments, bad, ran.err)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"detections": [{"label": "cat", "class_id": 7, "score": 0.5, "box": [1, 2, 3]}]}, "detections[0].box: expec"),
        ({"width": -5}, "width: expected a whole number of 1 to 2147483647, got -5"),
        ({"ok": 1}, "expected a record of dlcli with schema, source and ok"),
        ({"exif_orientation": 9}, "exif_orientation: expected a whole number of 1 to 8, got 9"),
        ({"crop": {"index": 0}}, "crop.label: is missing"),
        ({"schema": "dlcli.foo/1"}, "schema: expected one of dlcli.classify/1, "),
        ({"schema": "dlcli.detect/2"}, "schema: expected one of dlcli.classify/1, "),
        ({"shard": {"index": 0, "of": 1}}, "shard.run: is missing"),
        ({"x\x1b[31m": 1}, r"x\x1b[31m: is not a field of such a record"),
    ],
)
def test_the_file_the_line_and_the_field_are_named(change, words, folder):
    good = next(record for record in real() if record["schema"] == "dlcli.detect/1" and record["ok"])
    (folder / "two.jsonl").write_text(json.dumps(good) + "\n" + json.dumps(good | {"source": "b.jpg"} | change) + "\n")
    for arguments, code in (
        (["merge", "two.jsonl"], 5),
        (["diff", "two.jsonl", "two.jsonl"], 5),
        (["convert", "two.jsonl", "to", "--to", "coco"], 5),
        (["classify", "--from-jsonl", "two.jsonl"], 2),
    ):
        ran = outcome(arguments)
        assert (ran.code, ran.out) == (code, "")
        assert f"two.jsonl: line 2: {words}" in ran.err
        assert len(ran.err.splitlines()) == 1


def test_changed_results_and_states_of_a_run(folder):
    """--resume refuses them, or does again what it cannot take; what it takes meets the schema."""
    (folder / "in").mkdir()
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(CAT, folder / "in" / name)
    arguments = ["preprocess", "in", "--resize", "32", "--out", "out", "--json"]
    assert outcome(arguments).code == 0
    files = {name: (folder / "out" / name).read_text() for name in ("results.jsonl", "results.state.jsonl")}
    rng = random.Random(5)
    for _ in range(COUNT // 3):
        for name, text in files.items():
            lines = [json.loads(line) for line in text.splitlines()]
            changed = rng.randrange(len(lines))
            lines[changed] = mutated(lines[changed], rng) if rng.random() < 0.7 else lines[changed]
            (folder / "out" / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
        ran = outcome([*arguments, "--resume"])
        assert ran.code in MEANT, ran.err
        assert "Traceback" not in ran.err
        validate_records(ran.out)
        assert {path.name for path in folder.iterdir()} == {"a.jpg", "in", "out"}
        for part in (folder / "out").glob(".*.part"):
            part.unlink()
