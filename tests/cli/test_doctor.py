"""`dlcli doctor` as a shell sees it."""

import json
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from dlcli.models.store import BUNDLED
from tests.program import SAMPLES, dlcli, loaded_modules


def test_this_installation_is_sound():
    ran = dlcli("doctor", "--json")
    assert ran.code == 0, ran.out
    assert ran.reported[-1].endswith("checks: all well")
    report = json.loads(ran.out)
    assert report["ok"]
    by_check = {finding["check"]: finding for finding in report["findings"]}
    assert by_check["dlcli"]["executable"] == sys.executable
    assert by_check["packages"]["versions"]["numpy"] == np.__version__
    assert by_check["threads"]["affinity"] == len(os.sched_getaffinity(0))
    models = {finding["model"]: finding for finding in report["findings"] if finding["check"] == "model"}
    assert sorted(models) == sorted(path.stem for path in BUNDLED.glob("*.onnx"))
    assert all(0 <= finding["deviation"] <= finding["tolerance"] for finding in models.values())


def test_people_get_a_line_a_check_and_quiet_none():
    ran = dlcli("doctor")
    assert all(line.startswith("ok       ") for line in ran.lines)
    assert any(line.startswith("ok       network: none used, no telemetry") for line in ran.lines)
    assert f"{len(ran.lines)} checks" in ran.reported[-1]
    quiet = dlcli("doctor", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


def test_torch_is_not_loaded():
    code, heavy = loaded_modules("doctor")
    assert code == 0
    assert "torch" not in heavy
    assert "onnxruntime" in heavy


def test_a_library_that_cannot_be_loaded_is_a_fault_and_no_traceback(tmp_path: Path):
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')\n")
    ran = dlcli("doctor", cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, process=True)
    assert ran.code == 5
    assert "fault    imports: ImportError: libGL.so.1: cannot open shared object file" in ran.out
    assert "Traceback" not in ran.out + ran.err
    assert "ok       network" in ran.out  # the others went on


def test_strict_counts_warnings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    for strict, expected in (((), 0), (("--strict",), 1)):
        ran = dlcli("doctor", *strict)
        assert ran.code == expected
        assert "warning  temporary: no folder for temporary files" in ran.out


def test_a_set_in_json_and_for_people():
    shapes = SAMPLES / "shapes"
    ran = dlcli("doctor", shapes, "--json")
    report = json.loads(ran.out)
    assert (ran.code, report["ok"], report["faults"], report["warnings"]) == (0, True, 0, 1)
    assert report["dataset"] == str(shapes)
    by_check = {finding["check"]: finding for finding in report["findings"]}
    assert by_check["set"]["splits"] == {"train": 30, "val": 10}
    truth = json.loads((shapes / "annotations" / "instances_train.json").read_text())
    names = {category["id"]: category["name"] for category in truth["categories"]}
    expected = Counter(names[item["category_id"]] for item in truth["annotations"])
    assert by_check["classes"]["examples"]["train"] == expected
    people = dlcli("doctor", shapes)
    assert f"           triangle: {expected['triangle']} in train" in people.lines
    assert people.reported == ["11 checks: 1 warning"]


def test_exit_codes_of_a_set(tmp_path: Path):
    shapes = SAMPLES / "shapes"
    assert dlcli("doctor", shapes, "--strict", "--quiet").code == 1
    bad = tmp_path / "shapes"
    shutil.copytree(shapes, bad)
    next((bad / "images").glob("*")).write_bytes(b"")
    ran = dlcli("doctor", bad)
    assert ran.code == 5
    assert "fault    files: 1 file cannot be used" in ran.out
    assert dlcli("doctor", tmp_path / "none").code == 2
    assert dlcli("doctor", "--task", "detect").code == 2
    assert dlcli("doctor", shapes, "--splits", "train,train").code == 2
