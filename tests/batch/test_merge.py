"""What merge refuses, and what it says."""

import json

import pytest

from dlcli.batch.merge import Part, merge
from dlcli.errors import DataError
from tests.program import CAT, dlcli


def record(source="a.jpg", index=None, of=3, run="r", model="coco@sha256:1", task="detect", ok=True):
    shard = {} if index is None else {"shard": {"index": index, "of": of, "run": run}}
    good = {"width": 9, "height": 9, "exif_orientation": 1, "model": model, "detections": [], "truncated": False}
    rest = good if ok else {"error": {"kind": "empty", "message": f"{source}: empty"}}
    return {"schema": f"dlcli.{task}/1", "source": source, **shard, "ok": ok, **rest}


def parts(*files):
    return [Part(f"{number}.jsonl", list(records)) for number, records in enumerate(files, 1)]


def test_the_order_is_that_of_the_whole_run():
    merged = merge(parts([record("c", 2), record("a", 0)], [record("b", 1, ok=False)]))
    assert [r["source"] for r in merged.records] == ["a", "b", "c"]
    assert not any("shard" in r for r in merged.records)
    assert (merged.task, merged.model) == ("detect", "coco@sha256:1")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (([record("a", 0), record("b", 1)],), r"1 of the run's 3 images are in none of these files \(numbers 2\)"),
        (([record("a", 0)], [record("a", 0)]), r"2\.jsonl: image number 0 is in 1\.jsonl too"),
        (([record("a", 0)], [record("b", 1, run="s")]), r"2\.jsonl: the run .* is s, in 1\.jsonl r"),
        (([record("a", 0)], [record("b", 1, of=4)]), r"2\.jsonl: the number of images is 4"),
        (([record("a", 0)], [record("b", 1, model="m")]), r"2\.jsonl: the model is m"),
        (([record("a", 0)], [record("b")]), r"2\.jsonl: holds records without --shard"),
        (([record("a")], [record("b", task="classify")]), r"2\.jsonl: the task is classify"),
        (([record("a")], [record("a")]), r"2\.jsonl: a is in 1\.jsonl too"),
        (([], []), "no records in any of the files"),
        (([{**record("a", 0), "shard": {"index": "x", "of": 1, "run": "r"}}],), "shard is damaged"),
        (([{**record("a", 0), "shard": 5}],), "shard is damaged"),
    ],
)
def test_what_does_not_belong_together_is_refused(files, message):
    with pytest.raises(DataError, match=message):
        merge(parts(*files))


def test_files_without_shards_are_joined_as_given():
    merged = merge(parts([record("b")], [record("a"), record("c", ok=False)]))
    assert [r["source"] for r in merged.records] == ["b", "a", "c"]


def test_gates_and_reports_on_a_file_of_records(tmp_path):
    found = {"label": "dog", "class_id": 11, "score": 0.9, "box": [0, 0, 5, 5]}
    lines = [record("a.jpg") | {"detections": [found]}, record("b.jpg", ok=False)]
    (tmp_path / "r.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    ran = dlcli("merge", "r.jsonl", "--fail-if", "count(dog) > 0", "--skip-bad", "--report", "csv=r.csv", cwd=tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.reported == [
        "2 images: 1 object in 1 of them (1 dog); 1 failed",
        "FAIL  --fail-if 'count(dog) > 0': the image matches:",
        "  a.jpg: dog 0.90",
    ]
    assert (tmp_path / "r.csv").read_text().count("\n") == 3
    assert dlcli("merge", "r.jsonl", "--fail-if", "count(dog) > 0", "-q", cwd=tmp_path).code == 3  # incomplete first
    again = ("merge", "r.jsonl", "--out", "m.jsonl", "-q")
    assert [dlcli(*again, *more, cwd=tmp_path).code for more in ([], [], ["--overwrite"])] == [3, 2, 3]
    assert [json.loads(line) for line in (tmp_path / "m.jsonl").read_text().splitlines()] == lines


def test_labels_that_the_model_does_not_know(tmp_path):
    (tmp_path / "r.jsonl").write_text(dlcli("detect", CAT, "--json").out)
    ran = dlcli("merge", "r.jsonl", "--fail-if", "count(doge) > 0", cwd=tmp_path)
    assert ran.code == 2
    assert "no label doge; did you mean dog?" in ran.err
    (tmp_path / "r.jsonl").write_text((tmp_path / "r.jsonl").read_text().replace("coco@sha256:", "mine@sha256:"))
    ran = dlcli("merge", "r.jsonl", "--fail-if", "count(doge) > 0 or count(cat) > 9", cwd=tmp_path)
    assert ran.code == 0
    assert ran.reported[0] == "no record holds the label doge; the model is not at hand to say whether it knows it"


def test_the_state_of_a_run_is_no_file_of_records(tmp_path):
    dlcli("detect", CAT, "--out", tmp_path / "o")
    ran = dlcli("merge", tmp_path / "o" / "results.state.jsonl")
    assert ran.code == 5
    assert "this is the state of a run; its records are in the file without .state in its name" in ran.err


def test_what_is_no_file_of_records(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n')
    ran = dlcli("merge", "x.jsonl", cwd=tmp_path)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.startswith("dlcli: x.jsonl: line 1: expected a record of dlcli")
    assert dlcli("merge", "gone.jsonl", cwd=tmp_path).code == 2
