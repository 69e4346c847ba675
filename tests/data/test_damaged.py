"""Whatever bytes an annotation file holds, a reader gives problems or DataError, never another exception."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlcli.data.check import check_dataset
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.errors import DataError
from tests.data.sets import coco_content, write_coco, write_text, write_voc, write_yolo

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SNIPPETS = (
    b"",
    b"\0",
    b"\xff",
    b"<",
    b">",
    b"&x;",
    b"nan",
    b"-1",
    b"1e999",
    b"1_0",
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b"'",
)
SNIPPETS += (b":", b": ", b"\n", b" ", b"#", b",", b"null", b"true", b"../", b"names", b"9" * 400)


@st.composite
def edits(draw):
    """A few places (parts of the file), how many bytes to drop there, and what to put in."""
    return draw(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(SNIPPETS)), max_size=4))


def damaged(data, changes):
    for part, dropped, snippet in changes:
        place = int(part * len(data))
        data = data[:place] + snippet + data[place + dropped :]
    return data


def read_and_check(folder):
    """Read and check; the answer is one that may be given."""
    try:
        dataset = read_dataset(BOXES, folder, "train")
    except DataError as caught:
        error = caught
    else:
        error = None
    if error:
        assert str(folder) in str(error)
        return
    assert all(problem.message for problem in check_dataset(BOXES, dataset, decode=False, threads=1))


@QUICK
@given(changes=edits())
def test_voc(tmp_path, changes):
    if not (tmp_path / "Annotations").exists():
        write_voc(tmp_path)
        (tmp_path / "whole.xml").write_bytes((tmp_path / "Annotations" / "a.xml").read_bytes())
    data = (tmp_path / "whole.xml").read_bytes()
    (tmp_path / "Annotations" / "a.xml").write_bytes(damaged(data, changes))
    read_and_check(tmp_path)


@QUICK
@given(changes=edits())
def test_a_voc_list(tmp_path, changes):
    if not (tmp_path / "Annotations").exists():
        write_voc(tmp_path)
    (tmp_path / "ImageSets" / "Main" / "train.txt").write_bytes(damaged(b"a  1\nb -1\nc  0\n", changes))
    read_and_check(tmp_path)


@QUICK
@given(changes=edits())
def test_coco_text(tmp_path, changes):
    file = tmp_path / "annotations" / "instances_train.json"
    if not file.exists():
        write_coco(file, tmp_path / "images")
    file.write_bytes(damaged(json.dumps(coco_content()).encode(), changes))
    read_and_check(tmp_path)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@QUICK
@given(data=st.data())
def test_coco_values(tmp_path, data):
    """Valid JSON in which any value may be of any type."""
    file = tmp_path / "annotations" / "instances_train.json"
    if not file.exists():
        write_coco(file, tmp_path / "images")
    content = coco_content()
    for _ in range(data.draw(st.integers(1, 3))):
        entries = content[data.draw(st.sampled_from(["images", "annotations", "categories"]))]
        entry = data.draw(st.sampled_from(entries))
        entry[data.draw(st.sampled_from(sorted(entry)))] = data.draw(JUNK)
    if data.draw(st.booleans()):
        content[data.draw(st.sampled_from(sorted(content)))].append(data.draw(JUNK))
    file.write_text(json.dumps(content))
    read_and_check(tmp_path)


YAML = b"path: .  # here\ntrain: images/train\nval: [images/val, x.txt]\nnames:\n  0: cat\n  1: 'dog'\n  2: \"owl\"\n"


@QUICK
@given(changes=edits(), flow=st.booleans())
def test_yolo_yaml(tmp_path, changes, flow):
    if not (tmp_path / "images").exists():
        write_yolo(tmp_path / "images" / "train", tmp_path / "labels" / "train")
    config = b"train: images/train\nnames: [cat, 'dog', \"owl\"]\n" if flow else YAML
    (tmp_path / "data.yaml").write_bytes(damaged(config, changes))
    read_and_check(tmp_path)


@QUICK
@given(changes=edits())
def test_a_yolo_label_file(tmp_path, changes):
    if not (tmp_path / "images").exists():
        write_yolo(tmp_path / "images" / "train", tmp_path / "labels" / "train")
        write_text(tmp_path / "classes.txt", "cat\ndog\nowl\n")
        (tmp_path / "whole.txt").write_bytes((tmp_path / "labels" / "train" / "a.txt").read_bytes())
    data = (tmp_path / "whole.txt").read_bytes()
    (tmp_path / "labels" / "train" / "a.txt").write_bytes(damaged(data, changes))
    read_and_check(tmp_path)
