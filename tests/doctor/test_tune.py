"""`doctor --tune`: models open from what was kept and say the same; what is damaged is passed over."""

import json

import pytest

from dlcli.models.store import BUNDLED, bundled_models, open_model
from dlcli.runtime import session
from dlcli.runtime.optimized import keep, kept
from tests.program import CAT, SAMPLES, dlcli


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Files that ONNX Runtime opens."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "models"))
    found, start = [], session._start.__wrapped__  # which tests.program wraps
    monkeypatch.setattr(session, "_start", lambda model, *rest: found.append(str(model)) or start(model, *rest))
    return found


def test_a_tuned_model_is_opened_and_answers_the_same(opened, tmp_path):
    words = ("detect", CAT, SAMPLES / "coffee.jpg", "--conf", "0.05", "--json", "--threads", "1")
    before = dlcli(*words).out
    ran = dlcli("doctor", "--tune", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)["findings"]
    assert [item["model"] for item in found] == list(bundled_models())
    tuned = next(item for item in found if item["model"] == "coco")
    if tuned["file"] is None:
        pytest.skip("on this machine at this moment it is no faster")
    opened.clear()
    session.open_session(BUNDLED / "coco.onnx", 1, "cpu", digest=digest_of("coco"))
    assert opened == [tuned["file"]]
    assert dlcli(*words).out == before
    assert "models open faster" in dlcli("doctor").out


def test_one_that_the_runtime_cannot_open_is_passed_over(opened, tmp_path):
    path = keep(digest_of("coco"), session.runtime_build(), b"no network")
    assert kept(digest_of("coco"), session.runtime_build()) == path
    session.open_session(BUNDLED / "coco.onnx", 1, "cpu", digest=digest_of("coco"))
    assert opened == [str(path), str(BUNDLED / "coco.onnx")]


def test_it_is_about_the_installation():
    ran = dlcli("doctor", "--tune", SAMPLES / "shapes")
    assert ran.code == 2
    assert "--tune is about this installation" in ran.err


def digest_of(name: str) -> str:
    return open_model(name).digest
