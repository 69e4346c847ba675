"""`--batch auto`: the batch that follows from what was measured, and a real measurement."""

import io
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from rich.console import Console

from dlcli.errors import UsageError
from dlcli.models.run_folder import read_run
from dlcli.training import labeled
from dlcli.training.batch_size import measure
from dlcli.training.batch_size.measure import chosen, measured, numbered
from dlcli.training.batch_size.peak import PeakMemory
from dlcli.training.batch_size.words import parse_batch
from dlcli.training.log import TrainLog
from tests.training.cases import SEGMENT
from tests.training.optimization.toy import toy


@dataclass(frozen=True)
class Options:
    batch: object


@pytest.mark.parametrize(
    ("fitting", "images", "batch", "why"),
    [
        (40, 10_000, 32, "as many as fit"),
        (64, 10_000, 64, "as many as fit"),
        (1, 10_000, 2, "the fewest"),
        (-5, 10_000, 2, "the fewest"),
        (500, 100, 8, "for 8 steps an epoch; 500 would fit"),
        (5_000, 1_000_000, 256, "for 256 at most; 5,000 would fit"),
        (500, 3, 2, "for 8 steps an epoch"),
        (500, 1, 1, "for 8 steps an epoch"),
    ],
)
def test_the_batch_that_follows(fitting, images, batch, why):
    found, said = chosen(fitting, images, "1 MB each")
    assert found == batch
    assert said.startswith(why)
    assert said.endswith(": 1 MB each")


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", ""])
def test_what_is_no_batch(text):
    with pytest.raises(UsageError, match=f"--batch {text}: expected a whole number of 1 or more, or auto"):
        parse_batch(text)


def test_a_number_stays_as_it_is():
    assert numbered(Options("16")) == Options(16)
    assert numbered(Options(16)) == Options(16)
    assert numbered(Options("auto")) == Options("auto")
    assert numbered("no options") == "no options"


def test_the_peak_is_of_what_was_taken_since():
    peak = PeakMemory(torch.device("cpu"))
    peak.begin()
    before = peak.bytes()
    block = np.ones(60_000_000, np.uint8)
    assert peak.bytes() - before > 50_000_000
    del block
    peak.begin()
    assert peak.bytes() - before < 30_000_000
    assert peak.limit() > before


def test_batches_of_another_kind_cannot_be_measured():
    with pytest.raises(UsageError, match="with --unlabeled; pass a number"):
        measured(toy())


def test_a_run_keeps_the_batch_that_was_measured(tmp_path, monkeypatch):
    """And goes on with it."""
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)
    monkeypatch.setattr(measure, "FEWEST_STEPS", 2)
    data, out = SEGMENT.write(tmp_path / "set", 8, 1), io.StringIO()
    options = replace(SEGMENT.given(data, tmp_path / "run", epochs=1), batch="auto", quiet=False)
    SEGMENT.train(options, Console(file=out, width=300))
    assert "--batch auto: 4 images a step, for 2 steps an epoch; " in out.getvalue()
    assert read_run(options.out).options["batch"] == 4
    SEGMENT.train(replace(options, batch="4", resume=True, quiet=True))
    with pytest.raises(UsageError, match="--batch was 4, now auto; leave them out"):
        SEGMENT.train(replace(options, resume=True))


def test_less_memory_means_a_smaller_batch(tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "FEWEST_STEPS", 1)
    data = SEGMENT.write(tmp_path / "set", 40, 1)
    log = TrainLog(Console(quiet=True), quiet=True)
    plan = SEGMENT.recipe(SEGMENT.given(data, tmp_path / "run", batch=2), log, None)
    monkeypatch.setattr(PeakMemory, "limit", lambda self: 1)
    assert measured(plan)[0] == measure.FEW
    monkeypatch.setattr(PeakMemory, "limit", lambda self: 10**12)
    assert measured(plan)[0] == 32
