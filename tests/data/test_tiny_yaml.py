"""The YAML that data.yaml files hold, and what is refused; PyYAML is the judge where it is installed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.data.tiny_yaml import read_keys
from dlcli.errors import DataError

KEYS = ("names", "path", "train")


def read(folder, text):
    (folder / "data.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    return read_keys(folder / "data.yaml", KEYS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("names: [a, b]", ["a", "b"]),
        ("names: [a, 'b, c', \"d # e\", ]  # a comment", ["a", "b, c", "d # e"]),
        ("names: [\n  a,\n  b # second\n]\ntrain: x", ["a", "b"]),
        ("names: {0: a, 1: b}", {"0": "a", "1": "b"}),
        ('names: {"0":"a", 1: "b: c"}', {"0": "a", "1": "b: c"}),
        ("names:\n  - a\n  -   b c\n", ["a", "b c"]),
        ("names:\n- a\n- b\nnc: 2", ["a", "b"]),
        ("names:\n  0: a  # first\n\n  # comment\n  1: b\n", {"0": "a", "1": "b"}),
        ("names:\n  0: driver's seat\n  1: 'it''s'\n", {"0": "driver's seat", "1": "it's"}),
        ('names: ["\\u00e9", "tab\\t"]', ["é", "tab\t"]),
        ("names: [a#b, http://c]", ["a#b", "http://c"]),
        ("names:", None),
        ("names: ~", None),
        ("names: []", []),
        ("\ufeffnames: plain text\r\n", "plain text"),
        ("'names': a", "a"),
        ("---\nnames: a\n...\n", "a"),
        ("download: |\n  import os\n  names: [x]\nnames: a\n", "a"),
        ("roboflow:\n  names: deep\n  more:\n    - x\nnames: a\n", "a"),
    ],
)
def test_it_reads(tmp_path, text, value):
    assert read(tmp_path, text) == {"names": value} | ({"train": "x"} if "train" in text else {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nc: 1\nnames: [a, b", "line 2: names: expected ']' at the end"),
        ("names: [a] b", "expected ']' at the end"),
        ("names: [[a], b]", "cannot read '[a]'"),
        ("names: &anchor [a]", "cannot read '&anchor [a]'"),
        ("names: !!seq [a]", "cannot read"),
        ("names: |\n  a\n", "expected a value of one line"),
        ("names: a\n  b\n", "expected a value of one line"),
        ("names:\n  0:\n    a: b\n", "expected lines of one indent"),
        ("names:\n  - a\n  b: c\n", "expected 'key: value', got '- a'"),
        ("names:\n  a\n  b\n", "expected 'key: value'"),
        ("names: {0: a, 0: b}", "expected each key once, got '0' again"),
        ("names: a\nnames: b", "line 2: names: expected this key once"),
        ('names: "a', "expected quotes around the whole text"),
        ('names: "\\x41"', "cannot read the escapes"),
        ("names: a: b", "cannot read 'a: b'"),
    ],
)
def test_it_refuses(tmp_path, text, message):
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert str(tmp_path / "data.yaml") in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "data.yaml").write_bytes(b"names: \xff")
    with pytest.raises(DataError, match="expected UTF-8 text, byte 7"):
        read_keys(tmp_path / "data.yaml", KEYS)


PLAIN = st.text(st.sampled_from("ab c_-é'\".#:,1"), min_size=1, max_size=6)


@given(names=st.lists(PLAIN, min_size=1, max_size=4), flow=st.booleans())
def test_what_is_read_is_what_yaml_means(tmp_path_factory, names, flow):
    """Of texts that PyYAML takes for lists of strings ours gives the same or refuses."""
    yaml = pytest.importorskip("yaml")
    text = f"names: [{', '.join(names)}]\n" if flow else "names:\n" + "".join(f"  - {name}\n" for name in names)
    try:
        expected = yaml.load(text, yaml.BaseLoader)["names"]
    except yaml.YAMLError:
        return
    if not isinstance(expected, list) or not all(isinstance(name, str) and name for name in expected):
        return
    try:
        found = read(tmp_path_factory.getbasetemp(), text)["names"]
    except DataError:
        return
    assert found == expected
