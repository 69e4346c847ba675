"""Cross-validation: every image is held out once, each fold keeps its weights, and the table says the spread."""

import csv
import json
from statistics import mean, stdev

import pytest

from dlcli.errors import DataError, UsageError
from dlcli.training import folds
from tests.training.cases import CLASSIFY, QUIET, rows


def trained(tmp_path, **more):
    place = tmp_path / "in"
    data = place if place.exists() else CLASSIFY.write(place, 4, 1)
    options = CLASSIFY.given(data, tmp_path / "out", epochs=1, kfold=2, mixup=0.0, cutmix=0.0, **more)
    folds.train(CLASSIFY.recipe, options, QUIET)
    return tmp_path / "out"


def table(run):
    return {row["fold"]: row for row in csv.DictReader((run / folds.TABLE).read_text().splitlines())}


def test_every_image_is_held_out_once(tmp_path):
    run = trained(tmp_path)
    splits = [json.loads((run / f"fold-{n}/split.json").read_text()) for n in (1, 2)]
    assert sorted(splits[0]["val"]) == sorted(splits[1]["train"])
    assert len({*splits[0]["val"], *splits[1]["val"]}) == 12
    assert all("/val/" not in name for split in splits for name in split["val"])
    assert all((run / f"fold-{n}/best.safetensors").is_file() for n in (1, 2))
    best = [max(float(row["top1"]) for row in rows(run / f"fold-{n}")) for n in (1, 2)]
    found = table(run)
    assert list(found) == ["1", "2", "mean", "std"]
    assert float(found["mean"]["top1"]) == pytest.approx(mean(best))
    assert float(found["std"]["top1"]) == pytest.approx(stdev(best))


def test_folds_one_by_one_are_those_of_one_command(tmp_path):
    whole = trained(tmp_path)
    kept = table(whole)
    whole.rename(tmp_path / "whole")
    trained(tmp_path, fold=2)
    assert list(table(tmp_path / "out")) == ["2", "mean", "std"]
    trained(tmp_path, resume=True)  # the first begins, the second is done
    assert table(tmp_path / "out") == kept


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"fold": 3}, UsageError, "expected a number from 1 to 2"),
        ({"kfold": 1}, UsageError, "expected 2 or more folds"),
        ({"kfold": 0, "fold": 1}, UsageError, "pass --kfold too"),
        ({"batch": 7}, UsageError, "less than one --batch 7; pass --batch 6"),
        ({"kfold": 20}, DataError, "12 images, of which 12 differ, cannot make --kfold 20"),
        ({"resume": True}, UsageError, "fold-1/last.pt is not there"),
    ],
)
def test_what_is_refused(tmp_path, more, error, message):
    options = CLASSIFY.given(CLASSIFY.write(tmp_path / "in", 4, 1), tmp_path / "out", **{"kfold": 2, **more})
    with pytest.raises(error, match=message):
        folds.train(CLASSIFY.recipe, options, QUIET)
    assert not list(tmp_path.glob("out/*/last.pt"))


def test_the_spread_in_words():
    assert (
        folds.spread({1: {"top1": 0.5}, 2: {"top1": 0.7}}, "top1") == "2 folds: top1 0.6000 ± 0.1414 (0.5000 to 0.7000)"
    )
    assert folds.spread({3: {"top1": 0.5}}, "top1") == "1 fold so far: top1 0.5000"
