"""Model files against their recorded sums, in a folder of imported models of the test's own."""

import shutil
from pathlib import Path

import pytest

from dlcli.doctor.finding import State
from dlcli.doctor.models import check_model_files
from dlcli.models import store
from dlcli.models.user_folder import keep_model


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_nothing_imported(folder: Path):
    sums, imported = check_model_files()
    files = [path for path in store.BUNDLED.iterdir() if path.suffix in (".onnx", ".safetensors")]
    assert (sums.state, sums.facts["files"]) == (State.OK, len(files))
    assert (imported.state, imported.facts) == (State.OK, {"folder": str(folder), "models": []})
    assert not folder.exists()


def test_an_imported_model_that_was_changed():
    path = keep_model("mine", (store.BUNDLED / "coco.onnx").read_bytes())
    sums, imported = check_model_files()
    assert (sums.state, imported.facts["models"]) == (State.OK, ["mine"])
    path.write_bytes(path.read_bytes() + b"\0\0")
    sums, _ = check_model_files()
    assert sums.state is State.FAULT
    assert len(sums.items) == 1
    assert str(path) in sums.items[0]


def test_an_imported_model_without_a_card():
    keep_model("junk", b"no network")
    sums, imported = check_model_files()
    assert (sums.state, imported.state) == (State.OK, State.FAULT)
    assert "junk.onnx" in imported.items[0]


def test_float_weights_that_were_changed(tmp_path: Path, monkeypatch):
    shutil.copytree(store.BUNDLED, tmp_path / "bundled")
    for module in ("dlcli.models.store", "dlcli.models.inventory"):
        monkeypatch.setattr(f"{module}.BUNDLED", tmp_path / "bundled")
    (tmp_path / "bundled" / "coco.safetensors").write_bytes(b"short")
    sums, _ = check_model_files()
    assert [item for item in sums.items if "coco.safetensors" in item]
    assert len(sums.items) == 1
