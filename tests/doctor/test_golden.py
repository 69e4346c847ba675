"""The golden image: recorded for the models as they are, equal here, and unequal where something is wrong."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dlcli.doctor import bundled, golden
from dlcli.doctor.finding import State
from dlcli.errors import DataError
from dlcli.models import store


@pytest.fixture(scope="module")
def models() -> dict[str, store.ModelFile]:
    return {model.name: model for model in store.list_models()}


def test_every_bundled_model_has_its_answer(models):
    """Where this fails a model has changed: run python -m dlcli.doctor.golden and commit golden.json."""
    recorded = golden.read_golden()
    assert {name: model.digest for name, model in models.items()} == {
        name: item.sha256 for name, item in recorded.items()
    }


def test_the_image_is_what_its_formula_says():
    pixels = golden.golden_image()
    assert pixels.shape == (golden.HEIGHT, golden.WIDTH, 3)
    assert pixels.dtype == np.uint8
    for x, y in [(0, 0), (359, 0), (120, 150), (250, 110), (250, 165), (5, 299), (17, 299)]:
        expected = (x * 255 // 360, y * 255 // 300, (x + y) * 255 // 660)
        if (x - 120) ** 2 + (y - 150) ** 2 < 6400:
            expected = (200, 120, 40)
        if 1600 < (x - 250) ** 2 + (y - 110) ** 2 < 4900:
            expected = (30, 60, 180)
        if y > 230 and x // 12 % 2 == 0:
            expected = (240, 240, 235)
        assert tuple(pixels[y, x]) == expected, (x, y)


def test_deviation_against_a_slow_loop():
    rng = np.random.default_rng(3)
    recorded = {"a": rng.normal(5, 2, 50).tolist(), "b": rng.normal(0, 1, 20).tolist()}
    found = {name: np.array(values, np.float32) + 0.5 for name, values in recorded.items()}
    slow = []
    for values in recorded.values():
        mean = sum(values) / len(values)
        spread = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
        slow.append(0.5 / spread)
    assert golden.deviation(found, recorded) == pytest.approx(max(slow), rel=1e-5)
    assert golden.deviation({"a": found["a"]}, recorded) == float("inf")
    assert golden.deviation(found | {"b": found["b"] * np.nan}, recorded) == float("inf")
    assert golden.deviation(found | {"b": found["b"][:-1]}, recorded) == float("inf")


def test_recording_again_gives_the_same_answers(tmp_path: Path):
    golden.record(tmp_path / "golden.json")
    again, before = golden.read_golden(tmp_path / "golden.json"), golden.read_golden()
    for name, item in before.items():
        answers = {key: np.array(values) for key, values in again[name].outputs.items()}
        assert golden.deviation(answers, item.outputs) < golden.TOLERANCE


def test_a_model_that_answers_otherwise_is_a_fault(models):
    recorded = golden.read_golden()["coco"]
    assert bundled.check_model(models["coco"], recorded).state is State.OK
    other = replace(recorded, outputs={name: values[::-1] for name, values in recorded.outputs.items()})
    found = bundled.check_model(models["coco"], other)
    assert found.state is State.FAULT
    assert found.facts["deviation"] > 0.5
    assert "cannot be trusted" in found.message


@pytest.mark.parametrize("harm", ["cut", "changed", "gone"])
def test_a_harmed_model_is_named(harm: str, tmp_path: Path, monkeypatch):
    shutil.copytree(store.BUNDLED, tmp_path / "bundled")
    file = tmp_path / "bundled" / "coco.onnx"
    data = bytearray(file.read_bytes())
    if harm == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif harm == "changed":
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    else:
        file.unlink()
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")
    faults = [finding for finding in bundled.check_bundled() if finding.state is State.FAULT]
    assert len(faults) == 1
    assert "coco" in faults[0].message
    assert "install dlcli again" in faults[0].advice


def test_a_model_without_a_recorded_answer_is_a_fault(monkeypatch):
    recorded = golden.read_golden()
    monkeypatch.setattr(bundled, "read_golden", lambda: {name: recorded[name] for name in recorded if name != "coco"})
    faults = [finding for finding in bundled.check_bundled() if finding.state is State.FAULT]
    assert [finding.facts["model"] for finding in faults] == ["coco"]


def test_a_damaged_recording_is_told(tmp_path: Path):
    file = tmp_path / "golden.json"
    for text in ("", "[]", '{"models": {"coco": 3}}', '{"models": {"coco": {"sha256": "x"}}}'):
        file.write_text(text)
        with pytest.raises(DataError, match=r"golden\.json"):
            golden.read_golden(file)
