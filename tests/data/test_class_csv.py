"""CSV with labels: columns, splits, several labels, and what is wrong line by line."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli.data.class_csv import read_rows
from dlcli.data.formats import dataset_splits, read_dataset
from dlcli.data.kinds import CLASSES
from dlcli.errors import DataError


def write(folder, text, name="labels.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def pairs(data):
    return [(item.path.name, *(data.labels[number] for number in item.target)) for item in data.items]


@pytest.mark.parametrize(
    "text",
    [
        "filename,label\na.jpg,dog\nb.jpg,cat\n",
        "Label;File\r\ndog;a.jpg\r\ncat;b.jpg\r\n",
        "image\tclass\na.jpg\tdog\n\nb.jpg\t cat \n",
        "a.jpg,dog\nb.jpg,cat",
        "\ufefffilename,label\na.jpg,dog\nb.jpg,cat\n",
        'id,path,label\n1,"a.jpg","dog"\n2,b.jpg,cat\n',
    ],
)
def test_ways_to_write_the_same(tmp_path, text):
    file = write(tmp_path, text)
    for place in (file, tmp_path):
        data = read_dataset(CLASSES, place, None)
        assert (data.labels, pairs(data)) == (("cat", "dog"), [("a.jpg", "dog"), ("b.jpg", "cat")])
        assert data.items[0].path == tmp_path / "a.jpg"
        assert (data.multi_label, data.problems, data.source) == (False, (), file)


def test_splits_in_a_column(tmp_path):
    write(tmp_path, "filename,label,split\nx/a.jpg,dog,train\nb.jpg,cat,validation\nc.jpg,eel,train\n")
    assert dataset_splits(CLASSES, tmp_path) == ["train", "validation"]
    val = read_dataset(CLASSES, tmp_path, "val")
    assert (val.labels, pairs(val)) == (("cat", "dog", "eel"), [("b.jpg", "cat")])
    assert len(read_dataset(CLASSES, tmp_path, "all").items) == 3
    with pytest.raises(DataError, match=r"no split 'test'.*train, validation"):
        read_dataset(CLASSES, tmp_path, "test")


def test_splits_in_files(tmp_path):
    write(tmp_path, "filename,label\na.jpg,dog\n", "train.csv")
    write(tmp_path, "filename,label\nb.jpg,cat\n", "val.csv")
    write(tmp_path, "when,what\n1,2\n", "other.csv")
    assert dataset_splits(CLASSES, tmp_path) == ["train", "val"]
    assert pairs(read_dataset(CLASSES, tmp_path, "val")) == [("b.jpg", "cat")]
    assert read_dataset(CLASSES, tmp_path, "val").labels == ("cat", "dog")


def test_several_labels(tmp_path):
    write(tmp_path, "filename,label\na.jpg,dog|cat\nb.jpg,dog | dog\nc.jpg,\n")
    data = read_dataset(CLASSES, tmp_path, None)
    assert data.multi_label
    assert pairs(data) == [("a.jpg", "cat", "dog"), ("b.jpg", "dog"), ("c.jpg",)]


def test_bad_lines_are_named(tmp_path):
    file = write(tmp_path, "filename,label\na.jpg,dog\nb.jpg,\n../c.jpg,dog\n/etc/d.jpg,dog\n,dog\n")
    data = read_dataset(CLASSES, tmp_path, None)
    assert pairs(data) == [("a.jpg", "dog")]
    assert [item.path for item in data.problems] == [file] * 4
    assert [item.message.partition(":")[0] for item in data.problems] == [f"line {i}" for i in (3, 4, 5, 6)]
    assert "has no label" in data.problems[0].message


@pytest.mark.parametrize("text", ["", "one,two\n1,2\n", "just words\n", "a.jpg\nb.jpg\n"])
def test_no_such_table(tmp_path, text):
    file = write(tmp_path, text)
    with pytest.raises(DataError, match=r"labels\.csv.*filename,label"):
        read_dataset(CLASSES, file, None)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"filename,label\n\xff\xfe,dog\n")
    with pytest.raises(DataError, match="UTF-8"):
        read_dataset(CLASSES, tmp_path / "x.csv", None)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="|"))


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS, WORDS), max_size=5))
def test_any_words_come_back(tmp_path_factory, rows):
    file = tmp_path_factory.mktemp("csv") / "x.csv"
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["filename", "label"])
    writer.writerows(rows)
    file.write_text(text.getvalue(), "utf-8", newline="")
    expected = [(a.strip(), (b.strip(),) if b.strip() else ()) for a, b in rows if a.strip() or b.strip()]
    assert [(row.name, row.labels) for row in read_rows(file)] == expected


def test_an_image_with_two_labels_in_two_lines_is_a_problem(tmp_path):
    from tests.data.sets import write_image, write_text

    for name in "ab":
        write_image(tmp_path / f"{name}.jpg", 10, 10)
    path = write_text(tmp_path / "x.csv", "filename,label\na.jpg,cat\nb.jpg,dog\na.jpg,dog\nb.jpg,dog\n")
    data = read_dataset(CLASSES, path, None)
    assert [item.path.name for item in data.items] == ["b.jpg"]
    (problem,) = data.problems
    assert problem.message == ("line 4: a.jpg is dog here and cat in line 2; if both, write cat|dog in one line")


def test_a_line_without_a_split_is_said(tmp_path):
    file = write(tmp_path, "filename,label,split\na.jpg,dog,train\nb.jpg,cat,\n")
    assert read_dataset(CLASSES, tmp_path, "train").notes == (f"{file}: 1 line without a split, read in none: b.jpg",)
    assert read_dataset(CLASSES, tmp_path, "all").notes == ()


def test_a_label_behind_the_columns_is_not_lost(tmp_path):
    data = read_dataset(CLASSES, write(tmp_path, "filename,label\na.jpg,dog,cat\nb.jpg,cat,\n"), None)
    assert pairs(data) == [("b.jpg", "cat")]
    assert "line 2: a.jpg has more cells than the columns: cat; part labels of one image by |" in str(data.problems[0])
