"""A model that is opened while the rest loads is the one that would be opened in its place; so are its errors."""

from dataclasses import replace

import pytest

from dlcli.tasks import ahead
from dlcli.tasks.detect.options import DetectOptions
from tests.program import CAT, dlcli

COCO = DetectOptions()


def test_what_was_begun_is_taken_once():
    ahead.begin(COCO, "detect", 1, 2)
    found, session = ahead.taken(COCO, "detect", 1, 2)
    assert (found.name, session.input_shape[1:]) == ("coco", (3, 320, 320))
    assert ahead.taken(COCO, "detect", 1, 2) is None


@pytest.mark.parametrize(
    ("options", "task", "threads"),
    [(COCO, "detect", 2), (COCO, "segment", 1), (replace(COCO, model="imagenet"), "detect", 1)],
    ids=["threads", "task", "model"],
)
def test_what_was_begun_for_another_run_is_not_taken(options, task, threads):
    ahead.begin(COCO, "detect", 1, 1)
    assert ahead.taken(options, task, threads, 1) is None


@pytest.mark.parametrize("model", ["nothing-of-this-name", "imagenet", "torchvision/ssdlite320_mobilenet_v3_large"])
def test_what_cannot_be_opened_is_left_to_whoever_asks(model):
    options = replace(COCO, model=model)
    ahead.begin(options, "detect", 1, 1)
    assert ahead.taken(options, "detect", 1, 1) is None


@pytest.fixture
def begun(monkeypatch):
    """What runs begin, on a machine with two processors or more."""
    calls = []
    monkeypatch.setattr("dlcli.batch.plan.default_threads", lambda: 2)
    monkeypatch.setattr("dlcli.batch.plan.begin", lambda *words: (calls.append(words), ahead.begin(*words)))
    return calls


@pytest.mark.parametrize("words", [("detect",), ("classify",), ("segment",)])
def test_a_run_takes_it_and_its_record_is_the_same(words, begun, monkeypatch):
    early = dlcli(*words, CAT, "--json")
    assert [call[1:] for call in begun] == [(words[0], 2, 1)]
    assert ahead._begun == []  # and it was taken
    monkeypatch.setattr("dlcli.batch.plan.default_threads", lambda: 1)
    assert (early.code, early.out) == (0, dlcli(*words, CAT, "--json").out)
    assert len(begun) == 1  # nothing is begun on one processor


@pytest.mark.parametrize("words", [("--model", "vok"), ("--model", "imagenet"), ("--device", "cuda")])
def test_errors_are_the_same(words, begun, monkeypatch):
    early = dlcli("detect", CAT, *words)
    assert len(begun) == 1
    monkeypatch.setattr("dlcli.batch.plan.default_threads", lambda: 1)
    usual = dlcli("detect", CAT, *words)
    assert (early.code, early.err) == (usual.code, usual.err)
    assert early.code in (2, 4)


def test_a_model_that_is_damaged_says_so_as_before(tmp_path, begun, monkeypatch):
    damaged = tmp_path / "m.onnx"
    damaged.write_bytes(b"\x08\x07 no network")
    early = dlcli("detect", CAT, "--model", damaged)
    monkeypatch.setattr("dlcli.batch.plan.default_threads", lambda: 1)
    usual = dlcli("detect", CAT, "--model", damaged)
    assert (early.code, early.err) == (usual.code, usual.err)
    assert str(damaged) in early.err
