"""A run, its resumption and the merge of its records say one sentence, whatever the task."""

import json
import shutil

import pytest

from dlcli.models.importing import ImportRequest, import_model
from dlcli.tasks.classify.task import TASK as CLASSIFY
from dlcli.tasks.registry import all_tasks
from tests.contracts.test_tasks import NEEDED
from tests.models.foreign_networks import classifier
from tests.program import CAT, SAMPLES, dlcli

WAYS = {
    **{name: [name, *NEEDED.get(name, [])] for name in all_tasks()},
    "a ranking of one": ["classify", "--top", 1],
    "a threshold": ["classify", "--threshold", 0.9],
    "nothing": ["detect", "--conf", 0.99],
    "a style": ["style-transfer", "--style", "shipwreck", "--style", "great-wave"],
}


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("cat.jpg", "coffee.jpg"):
        shutil.copy(SAMPLES / name, folder / name)
    (folder / "bad.jpg").write_bytes(CAT.read_bytes()[:2000])
    return folder


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("names", [("cat.jpg", "coffee.jpg", "bad.jpg"), ("bad.jpg",), ("cat.jpg",)])
def test_a_run_and_the_merge_of_its_records_say_the_same(images, tmp_path, way, names):
    words = [*WAYS[way], *(images / name for name in names), "--out", tmp_path / "out"]
    run = dlcli(*words, "--report", f"markdown={tmp_path / 'run.md'}", "--json")
    assert run.code == (3 if "bad.jpg" in names else 0), run.err
    again = dlcli(*words, "--resume", "--json")
    merged = dlcli("merge", tmp_path / "out/results.jsonl", "--report", f"markdown={tmp_path / 'merged.md'}")
    assert merged.reported[-1] == again.reported[-1] == run.reported[-1]
    if names != ("bad.jpg",):  # whose record does not name the model
        assert (tmp_path / "run.md").read_text() == (tmp_path / "merged.md").read_text()


def test_the_same_of_a_check(images, tmp_path):
    run = dlcli("preprocess", "--check", images, "--json")
    merged = dlcli("merge", "-", "--report", f"csv={tmp_path / 'x.csv'}", stdin=run.out.encode())
    assert merged.reported[-1] == run.reported[-1]
    assert "3 images: 1 unusable" in run.err


def test_a_multi_label_model_counts_all_that_it_is_sure_of(images, tmp_path, monkeypatch):
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "mine"))
    (tmp_path / "x.onnx").write_bytes(classifier(12))
    numbers = (127.5, 127.5, 127.5)
    labels = tuple("abcdefghijkl")
    wanted = ImportRequest(tmp_path / "x.onnx", "many", "classify", labels, numbers, numbers, scores="sigmoid")
    assert CLASSIFY.network is not None
    import_model(wanted, {"classify": CLASSIFY.network})
    run = dlcli("classify", images, "--model", "many", "--top", 12, "--out", tmp_path / "out", "--json")
    merged = dlcli("merge", tmp_path / "out/results.jsonl", "--report", f"csv={tmp_path / 'x.csv'}")
    assert merged.reported[-1] == run.reported[-1]
    records = [json.loads(line) for line in run.lines]
    count = sum(len(record.get("classes", ())) for record in records)
    assert count > 2  # more than the best of each of two
    assert f"{count} labels in 2 of them" in run.err
