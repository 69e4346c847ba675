"""`--cache`: the same bytes as without, a changed file is seen, no more room is taken than there is."""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from dlcli.data.dataset import Dataset, Item
from dlcli.errors import DataError, DlcliError, UsageError
from dlcli.imaging.writer import write_image
from dlcli.training import labeled
from dlcli.training.cache import images, room
from dlcli.training.cache.images import ImageCache, decoded, image_source
from dlcli.training.cache.names import CacheName
from dlcli.training.data import reading_again
from dlcli.training.log import TrainLog
from tests.program import SAMPLES
from tests.training.cases import CLASSIFY, DETECT, SEGMENT, assert_same_run, differences

KINDS = pytest.mark.parametrize("kind", [CacheName.RAM, CacheName.DISK])
NAMES = ("cat.jpg", "rocket.jpg", "shapes/images/01.png")


@dataclass
class Options:
    cache: CacheName
    out: Path
    workers: int = 0


@pytest.fixture
def data(tmp_path) -> Dataset[Any]:
    """Three images of ours, one of them twice, and one that lies on its side."""
    for name in NAMES:
        shutil.copy(SAMPLES / name, tmp_path)
    paths = [tmp_path / Path(name).name for name in (*NAMES, NAMES[0])]
    return Dataset("images", (), tuple(Item(path, ()) for path in [*paths, SAMPLES / "broken" / "exif-turned.jpg"]))


def cached(options, data, said=None) -> Any:
    console = Console(file=said, width=300) if said else Console(quiet=True)
    return image_source(options, data, TrainLog(console, quiet=False))


@KINDS
def test_pixels_are_those_of_the_file(kind, data, tmp_path):
    out = tmp_path / "run"
    source = cached(Options(kind, out), data)
    assert isinstance(source, ImageCache)
    assert set(source.slots) == {item.path for item in data.items}
    for item in data.items:
        found = source(item.path)
        assert np.array_equal(found, decoded(item.path))
        found[:] = 0  # what is done to a sample is not done to the cache
        assert source(item.path).any()
    assert list(out.iterdir()) == []  # a file without a name


@KINDS
def test_a_kept_image_is_not_decoded_again(kind, data, tmp_path, monkeypatch):
    source = cached(Options(kind, tmp_path / "run"), data)
    monkeypatch.setattr(images, "decoded", lambda path: pytest.fail(f"{path} is decoded again"))
    for item in data.items:
        source(item.path)


@KINDS
def test_a_file_that_changed_or_is_gone_is_seen(kind, data, tmp_path):
    source, path = cached(Options(kind, tmp_path / "run"), data), data.items[2].path
    write_image(path, np.full((8, 8, 3), 7, np.uint8))
    assert (source(path) == 7).all()
    path.unlink()
    with pytest.raises(DataError, match="it was readable when the training began"), reading_again():
        source(path)


def test_an_image_that_cannot_be_read_is_told_of_where_it_is_needed(data, tmp_path):
    broken = tmp_path / "cut.jpg"
    broken.write_bytes((SAMPLES / "cat.jpg").read_bytes()[:5000])
    source = cached(Options(CacheName.RAM, tmp_path / "run"), replace(data, items=(Item(broken, ()), *data.items)))
    assert np.array_equal(source(data.items[0].path), decoded(data.items[0].path))
    with pytest.raises(DataError, match=r"cut\.jpg"), reading_again():
        source(broken)


def test_it_says_how_much_it_takes(data, tmp_path):
    with (tmp_path / "said").open("w+") as said:
        cached(Options(CacheName.DISK, tmp_path / "run"), data, said)
    total = sum(decoded(path).nbytes for path in {item.path for item in data.items})
    text = (tmp_path / "said").read_text()
    assert f"--cache disk: {len({item.path for item in data.items})} decoded images, " in text
    assert abs(float(text.split(", ")[1].split()[0]) * 1e6 - total) < 0.06e6 + total * 0.005


def test_without_it_nothing_is_kept(data, tmp_path):
    assert cached(Options(CacheName.NONE, tmp_path / "run"), data) is decoded
    assert not (tmp_path / "run").exists()


def test_it_refuses_before_memory_or_disk_are_full(data, tmp_path, monkeypatch):
    monkeypatch.setattr(room, "available_memory", lambda: 2_000_000)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: SimpleNamespace(free=room.DISK_RESERVE + 500_000))
    with pytest.raises(UsageError, match=r"--cache ram: .* MB, and may take 1 MB of this memory; .*--cache disk$"):
        cached(Options(CacheName.RAM, tmp_path / "run"), data)
    with pytest.raises(UsageError, match=r"--cache disk: .* MB, and may take 500 kB of this disk"):
        cached(Options(CacheName.DISK, tmp_path / "run"), data)
    monkeypatch.setattr(room, "available_memory", lambda: None)
    assert isinstance(cached(Options(CacheName.RAM, tmp_path / "run"), data), ImageCache)


def test_a_disk_that_fills_up_meanwhile_is_named(data, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(images, "_put", full)
    with pytest.raises(DlcliError, match=r"--cache disk: .*run: No space left on device; leave --cache out"):
        cached(Options(CacheName.DISK, tmp_path / "run"), data)


def test_workers_that_do_not_fork_cannot_share_it(data, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.multiprocessing, "get_start_method", lambda: "spawn")
    with pytest.raises(UsageError, match="pass --workers 0"):
        cached(Options(CacheName.RAM, tmp_path / "run", workers=1), data)


def test_a_run_ends_in_the_same_bits(tmp_path, monkeypatch):
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)
    data = SEGMENT.write(tmp_path / "set", *SEGMENT.images)
    for place, more in (("one", {}), ("other", {"cache": CacheName.DISK, "workers": 1})):
        SEGMENT.train(SEGMENT.given(data, tmp_path / place / "run", **more))
    assert_same_run(tmp_path / "one" / "run", tmp_path / "other" / "run")


@pytest.mark.parametrize("case", [DETECT, CLASSIFY, SEGMENT], ids=lambda case: case.name)
def test_every_training_on_labels_draws_the_same_samples(case, tmp_path):
    data, log, drawn = case.write(tmp_path / "set", *case.images), TrainLog(Console(quiet=True), quiet=True), []
    for kind in CacheName:
        batches = case.recipe(case.given(data, tmp_path / "run", cache=kind), log, None).batches
        drawn.append([batches.samples[draw] for draw in batches.draws(1)])
        assert isinstance(batches.samples.decode, ImageCache) == (kind is not CacheName.NONE)
    for other in drawn[1:]:
        assert list(differences(dict(enumerate(map(by_place, drawn[0]))), dict(enumerate(map(by_place, other))))) == []


def by_place(sample: tuple[torch.Tensor, ...]) -> dict[int, torch.Tensor]:
    return dict(enumerate(sample))
