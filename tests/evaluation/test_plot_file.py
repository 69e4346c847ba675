"""Plots are PNG files that carry a mark, and go over no file without it."""

import os

import numpy as np
import pytest
from PIL import Image

from dlcli.data.kinds import BOXES, CLASSES, MASKS
from dlcli.errors import UsageError
from dlcli.evaluation.plot_file import write_plot
from dlcli.evaluation.plots import check_plots
from dlcli.imaging.writer import encode_image
from tests.program import ROOT, dlcli

PNG = encode_image(np.full((4, 6, 3), 77, np.uint8), ".png")


def test_the_mark_is_text_of_a_valid_file(tmp_path):
    write_plot(tmp_path / "new" / "worst.png", PNG)
    with Image.open(tmp_path / "new" / "worst.png") as image:
        image.verify()  # its checksums, of the mark too
    with Image.open(tmp_path / "new" / "worst.png") as image:
        assert image.text == {"Software": "dlcli eval"}
        assert (np.array(image) == 77).all()


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (BOXES, ("confusion", "curves", "worst")),
        (CLASSES, ("confusion", "curves", "worst")),
        (MASKS, ("confusion", "worst")),
    ],
)
def test_plots_are_replaced_and_files_of_others_are_not(tmp_path, kind, names):
    check_plots(kind.name, tmp_path / "nowhere")
    for name in names:
        write_plot(tmp_path / f"{name}.png", PNG)
    check_plots(kind.name, tmp_path)
    for name in names:
        for content in (b"", b"mine", PNG):
            (tmp_path / f"{name}.png").write_bytes(content)
            with pytest.raises(UsageError, match=rf"--plots .*{name}\.png is there already, and is no plot"):
                check_plots(kind.name, tmp_path)
        write_plot(tmp_path / f"{name}.png", PNG)


def test_links_folders_and_fifos_are_refused(tmp_path):
    write_plot(tmp_path / "ours.png", PNG)
    path = tmp_path / "worst.png"
    for target in ("ours.png", "nowhere"):
        path.symlink_to(target)
        with pytest.raises(UsageError, match=r"worst\.png is a link"):
            check_plots(MASKS.name, tmp_path)
        path.unlink()
    for make in (os.mkfifo, os.mkdir):
        make(path)
        with pytest.raises(UsageError, match=r"worst\.png is there already"):
            check_plots(MASKS.name, tmp_path)
        path.unlink() if make is os.mkfifo else path.rmdir()


def test_a_kind_without_plots_takes_any_folder(tmp_path):
    (tmp_path / "worst.png").write_text("mine")
    check_plots("something else", tmp_path)


def test_it_is_refused_before_any_image_is_scored(tmp_path):
    (tmp_path / "curves.png").write_text("mine")
    ran = dlcli("eval", "classify", ROOT / "nowhere-at-all", "--plots", tmp_path)
    assert ran.code == 2
    (tmp_path / "set" / "tabby").mkdir(parents=True)
    ran = dlcli("eval", "classify", tmp_path / "set", "--split", "all", "--plots", tmp_path)
    assert (ran.code, "curves.png is there already" in ran.err) == (2, True), ran
    assert (tmp_path / "curves.png").read_text() == "mine"
