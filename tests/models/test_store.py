"""Names to model files: bundled, path, run; what is refused, and by which error."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from dlcli.card import write_card
from dlcli.errors import DataError, ExitCode, MissingError, UsageError
from dlcli.models import store
from dlcli.models.checksums import file_digest, short_id
from dlcli.models.store import find_model, list_models, locate, open_model, weights_file
from dlcli.models.sums import LIST, sums_of, write_sums
from dlcli.models.user_folder import keep_model
from tests.test_card import CARD, TINY


def put(path: Path, name: str = "coco", task: str = "detect") -> Path:
    """Writes a model file with a card."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_card(TINY, replace(CARD, name=name, task=task)))
    return path


@pytest.fixture(autouse=True)
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two bundled models, with an empty working directory."""
    folder = tmp_path / "bundled"
    put(folder / "coco.onnx")
    put(folder / "imagenet.onnx", "imagenet", "classify")
    (folder / "coco.safetensors").write_bytes(b"")
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(store, "BUNDLED", folder)
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "mine"))
    monkeypatch.chdir(tmp_path / "work")
    return folder


def test_bundled_by_name(bundled: Path):
    model = find_model("coco", "detect")
    assert (model.path, model.name, model.card.task) == (bundled / "coco.onnx", "coco", "detect")


def test_a_bundled_name_wins_over_a_folder_of_that_name(bundled: Path):
    put(Path("coco/best.onnx"), "mine")
    assert find_model("coco", "detect").path.parent == bundled
    assert find_model("./coco", "detect").name == "mine"


def test_a_path_takes_the_name_of_its_card(tmp_path: Path):
    assert find_model(str(put(tmp_path / "file.onnx", "night")), "detect").name == "night"


def test_digest_is_computed_late_and_names_the_bytes(bundled: Path):
    model = find_model("coco", "detect")
    assert "digest" not in vars(model)
    expected = hashlib.sha256((bundled / "coco.onnx").read_bytes()).hexdigest()
    assert model.digest == expected == file_digest(bundled / "coco.onnx")
    assert model.id == short_id("coco", expected) == f"coco@sha256:{expected[:12]}"


def test_a_file_that_went_away_before_its_digest(tmp_path: Path):
    model = find_model(str(put(tmp_path / "m.onnx")), "detect")
    model.path.unlink()
    with pytest.raises(DataError, match=r"m\.onnx: .*No such file"):
        _ = model.digest


def test_list_models_is_sorted():
    assert [model.name for model in list_models()] == ["coco", "imagenet"]


def test_no_bundled_models_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "none")
    assert list_models() == []
    with pytest.raises(MissingError, match=r"a bundled name \(none\)"):
        find_model("coco", "detect")


def test_run_folder_prefers_best():
    put(Path("run/best.onnx"), "best")
    put(Path("run/other.onnx"), "other")
    assert find_model("run", "detect").name == "best"


def test_run_folder_with_one_model():
    put(Path("run/int8.onnx"), "small")
    assert find_model("run/", "detect").name == "small"


def test_run_folder_with_several_models():
    put(Path("run/a.onnx"))
    put(Path("run/b.onnx"))
    with pytest.raises(UsageError, match=r"run: expected best\.onnx or one \.onnx file, got a\.onnx, b\.onnx"):
        find_model("run", "detect")


@pytest.mark.parametrize("checkpoint", ["last.pt", "checkpoints/epoch3.safetensors"])
def test_run_folder_that_was_not_exported(checkpoint: str):
    Path("run", checkpoint).parent.mkdir(parents=True)
    Path("run", checkpoint).write_bytes(b"")
    with pytest.raises(MissingError, match="run `dlcli export run`"):
        find_model("run", "detect")


def test_empty_folder():
    Path("run").mkdir()
    with pytest.raises(MissingError, match=r"run: .*a folder without an \.onnx file"):
        find_model("run", "detect")


def test_another_task_names_both_and_the_fitting_ones():
    with pytest.raises(UsageError, match="expected a model for detect, got one for classify; bundled for detect: coco"):
        find_model("imagenet", "detect")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cooc", r"a bundled name \(coco, imagenet\).*did you mean coco\?$"),
        ("zzzz", r"an \.onnx file or a run folder$"),
        ("", r"an \.onnx file or a run folder$"),  # Path("") would be the working directory
        ("models/none.onnx", r"a path where there is none; bundled: coco, imagenet$"),
        ("x" * 300, "a run folder$"),  # longer than a file name can be
        ("../bundled/coco", "a path where there is none"),
    ],
)
def test_unknown_names(name: str, expected: str):
    with pytest.raises(MissingError, match=expected) as caught:
        find_model(name, "detect")
    assert caught.value.exit_code == ExitCode.MISSING


@pytest.mark.parametrize("name", ["net.pt", "net.PTH", "net.pkl", "net.ckpt"])
def test_pickles_are_refused_unopened(name: str):
    with pytest.raises(UsageError, match=f"{name}: expected an .onnx file, got a .* a pickle"):
        find_model(name, "detect")


def test_bare_weights_are_refused():
    with pytest.raises(UsageError, match="weights without a network"):
        find_model("coco.safetensors", "detect")


@pytest.mark.parametrize("data", [b"words", b"", TINY])
def test_unusable_files(data: bytes):
    Path("x.onnx").write_bytes(data)
    with pytest.raises(DataError, match=r"x\.onnx"):
        find_model("x.onnx", "detect")


def test_weights_beside_a_model(bundled: Path):
    assert weights_file("coco") == bundled / "coco.safetensors"
    assert weights_file("imagenet") is None
    assert weights_file(str(bundled / "coco.safetensors")) == bundled / "coco.safetensors"
    with pytest.raises(MissingError):
        weights_file("nothing")


def test_imported_names():
    path = keep_model("night", write_card(TINY, replace(CARD, name="night")))
    put(Path("night/best.onnx"), "other")  # a folder of that name
    assert find_model("night", "detect").path == path == locate("night")
    assert find_model("./night", "detect").name == "other"
    with pytest.raises(MissingError, match=r"a bundled name \(coco, imagenet\), an imported one \(night\).*mean night"):
        find_model("nigth", "detect")


def test_a_bundled_name_wins_over_an_imported_one(bundled: Path, tmp_path: Path):
    put(tmp_path / "mine" / "coco.onnx", "mine")
    assert find_model("coco", "detect").path.parent == bundled


def test_a_changed_imported_file_is_refused():
    path = keep_model("night", write_card(TINY, CARD))
    path.write_bytes(write_card(TINY, replace(CARD, license="another")))
    with pytest.raises(DataError, match=r"night\.onnx: was changed: .*move it away, and import it again"):
        open_model("night")
    path.write_bytes(path.read_bytes()[:10])  # no model any more; it is told why
    with pytest.raises(DataError, match="was changed"):
        open_model("night")


def test_a_changed_bundled_file_is_refused(bundled: Path):
    write_sums(bundled / LIST, sums_of(bundled))
    assert open_model("coco").name == "coco"
    assert open_model("coco").digest == file_digest(bundled / "coco.onnx")
    put(bundled / "coco.onnx", "coco", "classify")
    with pytest.raises(DataError, match=r"coco\.onnx: was changed: .*install dlcli again"):
        open_model("coco")
    assert open_model("imagenet").name == "imagenet"
