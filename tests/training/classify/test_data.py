"""What a classifier's training reads, and what it refuses."""

import io
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from dlcli.errors import DataError, ExitCode
from dlcli.training.classify.data import read_sets
from dlcli.training.classify.options import ClassifyTraining
from dlcli.training.holding_out import held_out
from dlcli.training.log import TrainLog
from tests.training.class_sets import CLASSES, write_class_csv, write_class_folders


def read(data, **more):
    """The two sets, and what was said."""
    text = io.StringIO()
    log = TrainLog(Console(file=text, width=400), quiet=False)
    train_set, val_set, _ = read_sets(ClassifyTraining(data=data, out=Path("run"), **more), log)
    return train_set, val_set, text.getvalue()


def names(data):
    return [f"{image.path.parent.name}/{image.path.name}" for image in data.items]


def test_folders_with_lists_are_taken_as_they_are(tmp_path):
    train_set, val_set, said = read(write_class_folders(tmp_path, train=3, val=1))
    assert train_set.labels == val_set.labels == CLASSES
    assert (len(train_set.items), len(val_set.items), said) == (9, 3, "")


def test_a_synonym_is_a_val_list_too(tmp_path):
    _, val_set, said = read(write_class_folders(tmp_path, train=3, valid=1))
    assert (len(val_set.items), said) == (3, "")


@pytest.mark.parametrize("split", ["_", "train"], ids=["no lists", "no val list"])
def test_without_a_val_list_a_share_of_each_class_is_held_out(tmp_path, split):
    folder = write_class_folders(tmp_path, **{split: 5})
    train_set, val_set, said = read(folder, val_share=0.4)
    assert [image.target for image in val_set.items] == [(0,), (0,), (1,), (1,), (2,), (2,)]
    assert not set(names(train_set)) & set(names(val_set))
    assert len(names(train_set)) == 9
    assert said == (
        f"{folder}: no val list, so 6 of 15 images are held out to choose the weights by: 0.4 of each class, "
        "by --val-share and --seed 0\n"
    )
    again, other = (names(read(folder, val_share=0.4, seed=seed)[1]) for seed in (0, 1))
    assert again == names(val_set) != other


def test_a_list_that_is_asked_for_by_name_must_be_there(tmp_path):
    with pytest.raises(DataError, match=r"--val-split: .*no split 'check'.*found train") as refused:
        read(write_class_folders(tmp_path, train=2), val_split="check")
    assert refused.value.exit_code == ExitCode.USAGE
    with pytest.raises(DataError, match=r"--split: .*no split 'learn'.*found train"):
        read(tmp_path, split="learn")


def test_csv_with_several_labels(tmp_path):
    train_set, val_set, _ = read(write_class_csv(tmp_path / "set", 8, 4))
    assert train_set.multi_label
    assert train_set.items[5].target == (0, 2)
    assert train_set.items[0].target == ()
    assert len(val_set.items) == 4


def write(path, content=b""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_a_folder_without_classes_is_refused(tmp_path):
    write(tmp_path / "a.png")
    with pytest.raises(
        DataError, match=f"{tmp_path}: found no labeled images in a known format; looked for .*a folder per class"
    ):
        read(tmp_path)


def test_one_class_only_is_refused(tmp_path):
    write_class_folders(tmp_path / "all", _=3)
    (tmp_path / "one").mkdir()
    (tmp_path / "all" / "red").rename(tmp_path / "one" / "red")
    with pytest.raises(DataError, match="one: only one class, red; expected two or more"):
        read(tmp_path / "one")


def test_an_empty_class_is_refused(tmp_path):
    write_class_folders(tmp_path, _=3)
    (tmp_path / "yellow").mkdir()
    with pytest.raises(DataError, match="no image to learn from for yellow; add some, or take the class away"):
        read(tmp_path)


def test_text_where_an_image_should_be_is_named(tmp_path):
    write_class_folders(tmp_path, _=3)
    write(tmp_path / "red" / "notes.jpg", b"not an image")
    with pytest.raises(DataError, match=r"1 bad file\(s\); fix them or pass --skip-bad\n.*red/notes\.jpg"):
        read(tmp_path)
    train_set, val_set, said = read(tmp_path, skip_bad=True)
    assert len(train_set.items) + len(val_set.items) == 9
    assert "left out: " in said
    assert "red/notes.jpg" in said


def test_single_images_leave_nothing_to_hold_out(tmp_path):
    with pytest.raises(DataError, match="no val list, and one image a class leaves none to hold out"):
        read(write_class_folders(tmp_path, _=1))


def test_a_question_that_is_always_answered_yes_is_refused(tmp_path):
    write_class_folders(tmp_path, _=3)
    lines = "".join(f"red/{n:02}.png,red\n" for n in range(3))
    (tmp_path / "labels.csv").write_text("filename,label\n" + lines)
    with pytest.raises(DataError, match="every image has every class; expected some without"):
        read(tmp_path / "labels.csv", multi_label=True)


@given(st.lists(st.sampled_from("abcde"), max_size=60), st.floats(0.01, 0.9), st.integers(0, 9))
def test_every_group_gives_its_share_and_keeps_some(groups, share, seed):
    chosen = held_out(groups, share, seed)
    whole, out = Counter(groups), Counter(g for g, c in zip(groups, chosen, strict=True) if c)
    for group, count in whole.items():
        if count == 1:
            assert out[group] == 0
        else:
            assert 1 <= out[group] < count
            assert abs(out[group] - share * count) <= 1


def test_the_seed_decides():
    groups = [("cat",), ("dog",)] * 20
    first = held_out(groups, 0.25, 1)
    assert first.sum() == 10
    np.testing.assert_array_equal(first, held_out(groups, 0.25, 1))
    assert (first != held_out(groups, 0.25, 2)).any()


@pytest.mark.parametrize(("count", "expected"), [(1, 0), (2, 1), (3, 1), (10, 2)])
def test_small_groups(count, expected):
    assert held_out(["x"] * count, 0.2, 0).sum() == expected
