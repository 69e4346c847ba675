"""Values of data.yaml as text, and what is refused, with its line."""

import subprocess
import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dlcli.data.yolo.data_yaml import LARGEST, read_keys
from dlcli.errors import DataError

KEYS = ("names", "path", "train")


def read(folder, text):
    (folder / "data.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    return read_keys(folder / "data.yaml", KEYS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("names: [a, 'b, c', \"d # e\", ]  # a comment", ["a", "b, c", "d # e"]),
        ('names: {"0":"a", 1: "b: c"}', {"0": "a", "1": "b: c"}),
        ("names:\n- a\n- b\nnc: 2", ["a", "b"]),
        ("names: [on, 1, 1.50, 2024-01-01, 0x1F, no]", ["on", "1", "1.50", "2024-01-01", "0x1F", "no"]),
        ("names: [a, ~, null, '', '~']", ["a", None, None, "", "~"]),
        ("names:", None),
        ("names: []", []),
        ("\ufeffnames: plain text\r\n", "plain text"),
        ("names: |\n  a\n", "a\n"),
        ("names: a\n  b\n", "a b"),
        ("names: &n [a, &x b, *x]\nval: *n\n", ["a", "b", "b"]),
        ("names: !!str 5", "5"),
        ("download: |\n  import os\n  names: [x]\nnames: a\n", "a"),
        ("roboflow: {names: deep, more: [[x]], at: !!python/object:os.system {}}\nnames: a\n", "a"),
    ],
)
def test_it_reads(tmp_path, text, value):
    assert read(tmp_path, text) == {"names": value}


@pytest.mark.parametrize("text", ["", "# a comment\n", "---\n", "nc: 2\n", "[names]: a"])
def test_a_file_without_the_keys_has_none(tmp_path, text):
    assert read(tmp_path, text) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nc: 1\nnames: [a, b", "line 2: expected YAML, but "),
        ("nc: 1\n\nnames: a: b", "line 3: expected YAML, but mapping values are not allowed here; put text with"),
        ('names: "a', "expected YAML, but found unexpected end of stream"),
        ("nc: 1\nnames: \0", "line 2: expected YAML, but special characters are not allowed"),
        ("names: *n", "line 1: expected YAML, but found undefined alias"),
        ("a: 1\n---\nnames: b", "line 2: expected YAML, but found another document"),
        ("names: [[a], b]", "line 1: names: expected text, got a list within the value"),
        ("path: x\nnames:\n  0:\n    a: b\n", "line 2: names: expected text, got a mapping within the value"),
        ("names: &n [*n]", "expected text, got a list within the value"),
        ("names: [!!int 5]", "names: expected text, got '5' with the tag"),
        ("names: [!!python/name:os.system '']", "expected text, got '' with the tag"),
        ("names: {0: a, 0: b}", "expected each key once, got '0' again"),
        ("names: a\nnames: b", "line 2: names: expected this key once"),
        ("- names", "line 1: expected 'key: value', such as names: [cat, dog]"),
        ("just text", "line 1: expected 'key: value'"),
        ("names: " + "[" * 5000, "lists nested too deep"),
    ],
)
def test_it_refuses(tmp_path, text, message):
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert str(tmp_path / "data.yaml") in str(caught.value)


def test_aliases_of_aliases_take_no_memory_and_are_refused(tmp_path):
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    with pytest.raises(DataError, match="expected text, got a list within the value"):
        read(tmp_path, "\n".join([*lines, "names: *a29"]))


def test_a_huge_file_is_refused_unparsed(tmp_path):
    with pytest.raises(DataError, match=f"expected at most {LARGEST:,} characters"):
        read(tmp_path, "names: [" + "a," * (LARGEST // 2) + "]")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "data.yaml").write_bytes(b"names: \xff")
    with pytest.raises(DataError, match="expected UTF-8 text, byte 7"):
        read_keys(tmp_path / "data.yaml", KEYS)


def test_the_library_is_loaded_when_a_file_is_read():
    code = "import sys, dlcli.data.yolo.files; print('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


PLAIN = st.text(st.sampled_from("ab c_-é'\".#:,1"), min_size=1, max_size=6)


@given(names=st.lists(PLAIN, min_size=1, max_size=4), flow=st.booleans())
def test_what_is_read_is_what_the_library_makes(tmp_path_factory, names, flow):
    text = f"names: [{', '.join(names)}]\n" if flow else "names:\n" + "".join(f"  - {name}\n" for name in names)
    try:
        expected = yaml.load(text, yaml.BaseLoader)["names"]
    except yaml.YAMLError:
        expected = None
    try:
        found = read(tmp_path_factory.getbasetemp(), text)["names"]
    except DataError:
        found = None
    if isinstance(expected, list) and all(isinstance(name, str) for name in expected):
        assert [name or "" for name in found] == expected
