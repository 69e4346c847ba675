"""The card: what it refuses, that any damage to a file is a DataError, and that the onnx package agrees with us."""

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from dlcli import card as card_module
from dlcli.card import ModelCard, read_card, write_card
from dlcli.errors import DataError
from dlcli.runtime.quiet_import import load_onnxruntime

VALUES = {
    "name": "voc",
    "task": "detect",
    "labels": ("cat", "crane (bird)", "Kühlschrank"),
    "input": (320, 240),
    "mean": (127.0, 127.0, 127.0),
    "std": (128.0, 128.0, 128.0),
    "resize": "letterbox",
    "fill": (114, 114, 114),
    "pre": "clahe(clip=2,grid=8)",
    "decoding": {"strides": [8, 16], "sides": [[24], [56]], "scales": [1, 1.41], "variances": [0.1, 0.2]},
    "training": {"data": "voc2007", "recipe": "dlcli train detect ...", "dlcli": "0.1.0", "seed": 0, "epochs": 9},
    "scores": ({"metric": "mAP50", "value": 0.68, "data": "voc2007 test", "command": "dlcli eval detect"},),
    "license": "Apache-2.0",
    "credits": ("EfficientNet-Lite0 weights, Apache-2.0",),
}
CARD = ModelCard(**VALUES)


def tiny_model(weights: int = 4) -> onnx.ModelProto:
    """y = x * w, with `weights` float32 values in one initializer."""
    scale = numpy_helper.from_array(np.ones(weights, np.float32), "w")
    node = helper.make_node("Mul", ["x", "w"], ["y"])
    shape = helper.make_tensor_value_info
    graph = helper.make_graph(
        [node],
        "tiny",
        [shape("x", TensorProto.FLOAT, [weights])],
        [shape("y", TensorProto.FLOAT, [weights])],
        [scale],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


TINY = tiny_model().SerializeToString()


def test_round_trip_through_json():
    assert ModelCard.from_json(CARD.to_json()) == CARD


def test_json_opens_with_the_version_and_ignores_keys_of_a_later_dlcli():
    values = json.loads(CARD.to_json())
    assert next(iter(values.items())) == ("schema", "dlcli.card/1")
    assert ModelCard.from_json(json.dumps({**values, "color": "blue"})) == CARD


def test_lists_become_tuples():
    assert ModelCard(**{**VALUES, "labels": list(VALUES["labels"]), "input": [320, 240]}) == CARD


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("name", "a/b", "letters"),
        ("name", "", "letters"),
        ("task", "Detect", "a task"),
        ("labels", ("cat", "cat"), "each label once"),
        ("labels", ("cat,dog",), "without commas"),
        ("labels", ("",), "printable words"),
        ("labels", ("cat\n",), "printable words"),
        ("labels", "cat", "a list"),  # a str is a sequence too
        ("labels", (3,), "printable words"),
        ("input", (320,), "2 whole numbers"),
        ("input", (0, 320), "2 whole numbers"),
        ("input", (10**9, 320), "2 whole numbers"),  # a letterbox of that size would fill the memory
        ("input", (True, 320), "2 whole numbers"),  # True == 1 in Python
        ("mean", (0.5, 0.5), "3 numbers"),
        ("mean", (0.5, 0.5, float("nan")), "3 numbers"),
        ("std", (1.0, 0.0, 1.0), "above 0"),
        ("resize", "middle", "letterbox or stretch or crop"),
        ("crop", 0, "above 0"),
        ("crop", 1.5, "at most 1"),
        ("crop", True, "a number"),
        ("fill", (0, 0, 256), "3 whole numbers"),
        ("pre", None, "a text"),
        ("decoding", {"strides": (8, 16)}, "JSON values"),  # a tuple would come back as a list
        ("training", {"loss": float("inf")}, "JSON values"),
        ("scores", ({"metric": "mAP50"},), "command"),
        ("credits", ("\ud800",), "texts"),  # half a surrogate pair cannot be printed
    ],
)
def test_refuses(field: str, value: object, expected: str):
    with pytest.raises(ValueError, match=f"{field}: expected .*{expected}.*, got"):
        ModelCard(**{**VALUES, field: value})


def test_a_task_without_classes_needs_no_labels():
    assert ModelCard(**{**VALUES, "task": "style-transfer", "labels": ()}).labels == ()


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"schema":"dlcli.card/2"}', '{"schema":"dlcli.card/1"}'])
def test_from_json_raises_value_error(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - some messages are json's own
        ModelCard.from_json(text)


def test_missing_keys_are_named():
    values = json.loads(CARD.to_json())
    del values["std"], values["task"]
    with pytest.raises(ValueError, match="keys task, std"):
        ModelCard.from_json(json.dumps(values))


def test_onnx_and_onnxruntime_read_what_we_wrote(tmp_path: Path):
    data = write_card(TINY, CARD)
    model = onnx.load_model_from_string(data)
    onnx.checker.check_model(model, full_check=True)
    assert {entry.key: entry.value for entry in model.metadata_props} == {"dlcli.card": CARD.to_json()}
    session = load_onnxruntime().InferenceSession(data, providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map["dlcli.card"] == CARD.to_json()
    (tmp_path / "m.onnx").write_bytes(data)
    assert read_card(tmp_path / "m.onnx") == CARD


def test_we_read_what_onnx_wrote(tmp_path: Path):
    model = tiny_model()
    helper.set_model_props(model, {"author": "x" * 300, "dlcli.card": CARD.to_json(), "z": ""})
    onnx.save(model, tmp_path / "m.onnx")
    assert read_card(tmp_path / "m.onnx") == CARD


def test_write_replaces_the_card_and_keeps_other_entries():
    model = tiny_model()
    helper.set_model_props(model, {"author": "me", "dlcli.card": "old", "other": "1"})
    other = ModelCard(**{**VALUES, "name": "next"})
    once = write_card(model.SerializeToString(), CARD)
    twice = write_card(once, other)
    props = {entry.key: entry.value for entry in onnx.load_model_from_string(twice).metadata_props}
    assert props == {"author": "me", "other": "1", "dlcli.card": other.to_json()}
    assert write_card(write_card(TINY, other), CARD) == write_card(TINY, CARD)


def test_weights_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "big.onnx"
    path.write_bytes(write_card(tiny_model(5_000_000).SerializeToString(), CARD))
    read = 0

    class Counted(io.FileIO):
        def readinto(self, buffer: bytearray) -> int:
            nonlocal read
            count = super().readinto(buffer)
            read += count
            return count

    monkeypatch.setattr(Path, "open", lambda self, mode: io.BufferedReader(Counted(str(self), "r")))
    assert read_card(path) == CARD
    assert read < 2_000_000 < path.stat().st_size  # some read-ahead of the buffer is fine


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("empty.onnx", b"", "an ONNX file"),
        ("text.onnx", b"these are words, not a network\n", "an ONNX file"),
        ("image.onnx", b"\xff\xd8\xff\xe0\x00\x10JFIF", "an ONNX file"),
        ("plain.onnx", TINY, "no dlcli card"),
        ("cut.onnx", write_card(TINY, CARD)[:-10], "damaged"),
        ("entry.onnx", TINY + b"\x72\x02\x0a\x7f", "damaged"),  # a metadata entry that is no message
    ],
)
def test_unusable_files_are_named(tmp_path: Path, name: str, data: bytes, expected: str):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=f"{name}: .*{expected}"):
        read_card(tmp_path / name)


def test_a_bad_card_is_named(tmp_path: Path):
    model = tiny_model()
    helper.set_model_props(model, {"dlcli.card": '{"schema":"dlcli.card/9"}'})
    onnx.save(model, tmp_path / "m.onnx")
    with pytest.raises(DataError, match=r"m\.onnx: .*expected dlcli\.card/1, got 'dlcli\.card/9'"):
        read_card(tmp_path / "m.onnx")


def test_missing_file_and_folder_are_data_errors(tmp_path: Path):
    with pytest.raises(DataError, match=r"none\.onnx.*No such file"):
        read_card(tmp_path / "none.onnx")
    with pytest.raises(DataError, match="got a folder"):
        read_card(tmp_path)


def test_write_card_refuses_what_is_not_onnx():
    for data in (b"", b"words", TINY[:-3], TINY + b"\x72\x02\x0a\x7f"):
        with pytest.raises(DataError, match="the model: expected an ONNX file"):
            write_card(data, CARD)


@given(st.integers(0, 2**64 - 1))
def test_varints_come_back(value: int):
    stream = io.BytesIO(card_module._varint(value) + b"\xff")
    assert card_module._read_varint(stream) == value
    assert stream.read() == b"\xff"


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_damage_never_raises_anything_but_data_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    whole = bytearray(write_card(TINY, CARD))
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.onnx"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with contextlib.suppress(DataError):
        read_card(path)
    with contextlib.suppress(DataError):
        write_card(path.read_bytes(), CARD)


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_noise_never_raises_anything_but_data_error(tmp_path_factory: pytest.TempPathFactory, noise: bytes):
    path = tmp_path_factory.getbasetemp() / "noise.onnx"
    for data in (noise, TINY + noise):
        path.write_bytes(data)
        with pytest.raises(DataError):
            read_card(path)


@given(st.text(max_size=400))
@settings(deadline=None)
def test_any_text_as_a_card_raises_only_value_error(text: str):
    for candidate in (text, json.dumps({"schema": "dlcli.card/1", "labels": text})):
        with pytest.raises(ValueError):  # noqa: PT011
            ModelCard.from_json(candidate)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(VALUES)), JSON)
@settings(max_examples=400, deadline=None)
def test_any_value_in_any_field_raises_only_value_error(name: str, value: object):
    values = {**json.loads(CARD.to_json()), name: value}
    try:
        card = ModelCard.from_json(json.dumps(values))
    except ValueError:
        return
    assert ModelCard.from_json(card.to_json()) == card
