"""What an exporter wrote into the file: ultralytics' names and task."""

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.card import read_card
from dlcli.errors import UsageError
from dlcli.models.exporter_notes import ExporterNotes, read_notes
from dlcli.models.importing import ImportRequest, import_model
from tests.models.foreign_networks import yolo
from tests.models.test_importing import USES


def noted(**notes: str) -> bytes:
    """A YOLOv8 of three classes with notes in its file."""
    model = onnx.load_from_string(yolo())
    for key, value in notes.items():
        item = model.metadata_props.add()
        item.key, item.value = key, value
    return bytes(model.SerializeToString())


def bring_in(tmp_path, data, **more):
    (tmp_path / "x.onnx").write_bytes(data)
    asked = ImportRequest(tmp_path / "x.onnx", "mine", more.pop("task", ""), **more)
    return import_model(asked, USES)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "mine"))
    return tmp_path / "mine"


def test_the_file_tells_all_that_is_needed(tmp_path):
    names = "{0: 'cat', 1: 'dog', 2: 'traffic light'}"
    done = bring_in(tmp_path, noted(names=names, task="detect", imgsz="[64, 64]", stride="32"))
    assert (done.card.task, done.card.labels) == ("detect", ("cat", "dog", "traffic light"))
    assert (done.card.mean, done.card.std, done.card.resize) == ((0, 0, 0), (255, 255, 255), "letterbox")
    assert read_card(done.path) == done.card


def test_what_is_said_wins_over_the_file_where_both_fit(tmp_path):
    done = bring_in(tmp_path, noted(names="['a', 'b', 'c']", task="detect"), labels=("x", "y", "z"), mean=(1, 1, 1))
    assert (done.card.labels, done.card.mean) == (("x", "y", "z"), (1, 1, 1))


@pytest.mark.parametrize("task", ["segment", "pose", "obb"])
def test_networks_for_what_dlcli_does_not_have_are_refused_by_name(tmp_path, folder, task):
    with pytest.raises(UsageError, match=rf"says that it is for '{task}', which dlcli does not read"):
        bring_in(tmp_path, noted(names="['a', 'b', 'c']", task=task))
    assert not folder.exists()


def test_other_labels_than_in_the_file_are_refused(tmp_path, folder):
    with pytest.raises(UsageError, match=r"--labels: names 2, but .*x.onnx has 3 in its file: a, b, c; leave"):
        bring_in(tmp_path, noted(names="['a', 'b', 'c']", task="detect"), labels=("a", "b"))
    assert not folder.exists()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1, 2]", "{0: 'a', 2: 'b'}", "{'a': 'b'}", "['a', 'a']", "[' ']", "__import__('os')", "x" * 2_000_000],
)
def test_notes_that_say_nothing(text):
    assert read_notes({"names": text, "task": "detect"}) == ExporterNotes((), "detect")


def test_a_task_without_names_is_anothers_word():
    assert read_notes({"task": "image-segmentation"}) == ExporterNotes()


@given(st.lists(st.text(min_size=1).filter(lambda t: t.strip()), min_size=1, max_size=20))
def test_names_come_back(names):
    wanted = tuple(name.strip().replace(",", " ") for name in names)
    wanted = wanted if len(set(wanted)) == len(wanted) else ()
    assert read_notes({"names": repr(names)}).labels == wanted
    assert read_notes({"names": repr(dict(enumerate(names)))}).labels == wanted
