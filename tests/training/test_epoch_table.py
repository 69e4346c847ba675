"""Columns of equal width within 80, a head over what is new, the best epoch marked."""

from dlcli.training.epoch_table import EpochTable


def test_a_head_once_and_the_best_marked():
    table = EpochTable(9)
    first = table.lines({"epoch": 1, "class": 2.0, "map50": 0.25}, 7.5, 83.0, True)
    assert first == [
        "epoch   class   map50  img/s     left",
        "  1/9  2.0000  0.2500    7.5     1:23  best",
    ]
    assert table.lines({"epoch": 2, "class": 1.5, "map50": 0.2}, 7.5, 70.0, False) == [
        "  2/9  1.5000  0.2000    7.5     1:10"
    ]


def test_a_measure_that_comes_later_brings_a_new_head():
    table = EpochTable(2)
    table.lines({"epoch": 1, "class": 2.0}, 1.0, 9.0, True)
    head, line = table.lines({"epoch": 2, "class": 1.0, "top1": 0.5}, 1.0, 0.0, True)
    assert head.split() == ["epoch", "class", "top1", "img/s", "left"]
    assert line.split() == ["2/2", "1.0000", "0.5000", "1.0", "0:00", "best"]
    assert table.lines({"epoch": 3, "class": 1.0}, 1.0, 0.0, False)[0].split()[2] == "-"


def test_the_widest_training_fits_80_columns():
    names = ("class", "box", "region_class", "region_box", "map50", "map50_95")
    row = {"epoch": 100.0, **dict.fromkeys(names, 0.1234)}
    assert all(len(line) <= 80 for line in EpochTable(100).lines(row, 123.4, 36_000, True))
