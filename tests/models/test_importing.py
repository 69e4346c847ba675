"""Files that dlcli did not make: the card that they get, and what is refused before anything is copied."""

from dataclasses import replace
from pathlib import Path

import pytest

from dlcli.card import read_card
from dlcli.errors import DataError, UsageError
from dlcli.models import importing
from dlcli.models.importing import ImportRequest
from dlcli.models.store import open_model
from dlcli.tasks.registry import find_task
from tests.models.foreign_networks import classifier, segmenter, with_outside_weights, yolo

HALF = (127.5, 127.5, 127.5)
LABELS = ("a", "b", "c")
USES: dict = {name: find_task(name).network for name in ("classify", "detect", "segment")}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "mine"))
    return tmp_path / "mine"


def wanted(tmp_path: Path, data: bytes, task: str = "classify", file: str = "x.onnx", **more) -> ImportRequest:
    (tmp_path / file).write_bytes(data)
    return replace(ImportRequest(tmp_path / file, "mine", task, LABELS, HALF, HALF), **more)


def import_model(asked: ImportRequest) -> Path:
    return importing.import_model(asked, USES).path


@pytest.mark.parametrize(
    ("data", "task", "more", "size", "decoding"),
    [
        (classifier(), "classify", {}, (32, 32), {"output": "probabilities", "scores": "softmax"}),
        (
            classifier(nhwc=True),
            "classify",
            {"channels": "bgr", "scores": "sigmoid"},
            (32, 32),
            {"output": "probabilities", "scores": "sigmoid", "layout": "nhwc", "channels": "bgr"},
        ),
        (
            classifier(side="any"),
            "classify",
            {"input": (64, 40)},
            (64, 40),
            {"output": "probabilities", "scores": "softmax"},
        ),
        (segmenter(), "segment", {}, (32, 32), {"output": "logits", "background": None}),
        (yolo(), "detect", {}, (64, 64), {"output": "found", "kind": "yolov8"}),
        (yolo(transposed=True), "detect", {"decoding": "yolov8"}, (64, 64), {"output": "rows", "kind": "yolov8"}),
        (yolo(kind="yolov5"), "detect", {}, (64, 64), {"output": "rows", "kind": "yolov5"}),
    ],
)
def test_the_card(tmp_path, folder, data, task, more, size, decoding):
    path = import_model(wanted(tmp_path, data, task, license="MIT", **more))
    card = read_card(path)
    assert (path, card.name, card.task, card.labels, card.license) == (
        folder / "mine.onnx",
        "mine",
        task,
        LABELS,
        "MIT",
    )
    assert (card.input, dict(card.decoding), card.mean, card.std) == (size, decoding, HALF, HALF)
    assert card.resize == {"classify": "crop", "segment": "stretch", "detect": "letterbox"}[task]
    assert open_model("mine").path == path


def test_the_background_is_found_by_its_name(tmp_path, folder):
    labels = ("__background__", "b", "c")
    assert read_card(import_model(wanted(tmp_path, segmenter(), "segment", labels=labels))).decoding["background"] == 0


@pytest.mark.parametrize(
    ("data", "task", "more", "words"),
    [
        (classifier(4), "classify", {}, r"x\.onnx: expected the output .* \[1, 3\] for 3 labels, got \[1, 4\]"),
        (classifier(), "detect", {}, r"what a detector of 3 classes gives, got probabilities \[1, 3\]; check --labels"),
        (
            yolo(kind="yolov5"),
            "detect",
            {"decoding": "yolov8"},
            r"--decode yolov8: expected YOLOv8.* got rows \[1, 64, 8\]",
        ),
        (yolo(transposed=True), "detect", {}, r"got rows \[1, 64, 7\]; with 2 labels it would be yolov5"),
        (yolo(), "detect", {"labels": ("a", "b")}, r"got found \[1, 7, 64\]; with 3 labels it would be yolov8"),
        (classifier(), "classify", {"mean": None}, r"--mean: .*x\.onnx does not tell"),
        (classifier(), "", {}, r"--task: .*x\.onnx does not say what it is for"),
        (yolo(), "segment", {}, r"expected the output found to be \[1, 3, h, w\]"),
        (classifier(side="any"), "classify", {}, r"takes images of any size; say by --input WxH"),
        (classifier(), "classify", {"input": (64, 32)}, r"--input: .*x\.onnx takes 32x32; leave --input out"),
        (classifier(side="any"), "classify", {"input": (9000, 32)}, r"at most 8192 pixels, got 9000x32"),
        (
            classifier(),
            "classify",
            {"layout": "nhwc"},
            r"one image of 3 channels as input \(nhwc\), got \[1, 3, 32, 32\]",
        ),
        (classifier(), "classify", {"output": "none"}, r"--output none: expected one of probabilities"),
        (
            classifier(),
            "classify",
            {"labels": ("a", "a", "b")},
            r"no card can be made .* labels: expected each label once",
        ),
        (classifier(), "classify", {"labels": ()}, r"--labels: .*x\.onnx needs the name of each class"),
        (classifier(), "classify", {"std": (0.0, 1.0, 1.0)}, r"std: expected numbers above 0"),
        (classifier(), "classify", {"name": "coco"}, r"--name coco: is the name of a bundled model"),
        (classifier(), "classify", {"name": "../voc"}, r"expected a name of letters"),
    ],
)
def test_what_does_not_fit(tmp_path, folder, data, task, more, words):
    with pytest.raises(UsageError, match=words):
        import_model(wanted(tmp_path, data, task, **more))
    assert not folder.exists()


@pytest.mark.parametrize(
    ("file", "data"),
    [("x.pt", classifier()), ("x.pth", b""), ("x.zip", b""), ("x.onnx", b"PK\x03\x04more"), ("x.onnx", b"\x80\x02}q")],
)
def test_pickles_are_refused_by_name_or_by_what_they_are(tmp_path, folder, file, data):
    with pytest.raises(UsageError, match=rf"{file}: expected an .onnx file, got a pickle or an archive of one"):
        import_model(wanted(tmp_path, data, file=file))
    assert not folder.exists()


@pytest.mark.parametrize("data", [b"", b"words", classifier()[:200], with_outside_weights()])
def test_files_that_cannot_be_run(tmp_path, folder, data):
    (tmp_path / "weights.bin").write_bytes(bytes(3 * 3 * 64 * 4))  # beside it; it would not come along
    with pytest.raises(DataError, match=rf"{tmp_path}/x\.onnx: "):
        import_model(wanted(tmp_path, data))
    assert not folder.exists()


def test_no_file(tmp_path, folder):
    with pytest.raises(UsageError, match="a path where there is none"):
        import_model(ImportRequest(tmp_path / "none.onnx", "mine", "classify", LABELS, HALF, HALF))
    with pytest.raises(UsageError, match="a folder or a special file"):
        import_model(ImportRequest(tmp_path, "mine", "classify", LABELS, HALF, HALF))
