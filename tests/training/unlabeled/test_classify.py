"""`train classify --unlabeled`: it runs, goes on as if never stopped, and refuses what it must not learn from."""

import shutil
import signal
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from dlcli.errors import DataError, InterruptedRunError, UsageError
from dlcli.evaluation import class_plots
from dlcli.training import labeled
from dlcli.training.log import TrainLog
from dlcli.training.unlabeled.flags import Method
from dlcli.training.unlabeled.images import unlabeled_images
from tests.training.cases import CLASSIFY, QUIET, assert_same_run, rows
from tests.training.class_sets import CLASSES, colored, write_class_folders

PLAIN = {"mixup": 0.0, "cutmix": 0.0, "net": "torchvision/shufflenet_v2_x0_5"}


@pytest.fixture
def sets(tmp_path, monkeypatch):
    """A labeled set and a folder of other images without labels."""
    monkeypatch.setattr(labeled, "draw_curves", lambda *_: None)
    monkeypatch.setattr(class_plots, "draw_confusion", lambda *_: b"")
    more = tmp_path / "more" / "deep"
    more.mkdir(parents=True)
    for number in range(5):
        Image.fromarray(colored((CLASSES[number % 3],), 500 + number)).save(more / f"{number}.png")
    return write_class_folders(tmp_path / "in", train=2, val=1), tmp_path / "more"


@pytest.mark.parametrize("method", list(Method))
def test_a_run_goes_on_as_if_never_stopped(sets, tmp_path, method):
    data, more = sets
    given = {**PLAIN, "unlabeled": more, "method": method}
    whole, ours = (CLASSIFY.given(data, tmp_path / name / "run", **given) for name in ("whole", "stopped"))
    CLASSIFY.train(whole)
    with pytest.raises(InterruptedRunError):
        CLASSIFY.stop_at(3, signal.SIGINT, ours)
    CLASSIFY.train(replace(ours, resume=True))
    assert_same_run(ours.out, whole.out)
    assert [float(row["unlabeled"]) >= 0 for row in rows(whole.out)] == [True, True]
    if method is Method.TEMPORAL_ENSEMBLING:
        Image.fromarray(colored(("red",), 900)).save(more / "new.png")
        with pytest.raises(DataError, match="was learned from other unlabeled images"):
            CLASSIFY.train(replace(ours, resume=True))


def test_val_images_are_refused(sets, tmp_path):
    data, more = sets
    val = [data / f"val/{name}/00.png" for name in CLASSES]
    log = TrainLog(QUIET, True)
    assert len(unlabeled_images(more, val, False, log)) == 5
    shutil.copy(val[0], more / "copy.png")
    with pytest.raises(UsageError, match=r"1 of its 6 images are val images or look like one, such as copy\.png"):
        unlabeled_images(more, val, False, log)
    photo = np.asarray(Image.open(val[0])).astype(np.int64)
    Image.fromarray(np.clip(photo + 20, 0, 255).astype(np.uint8)).save(more / "copy.png")
    with pytest.raises(UsageError, match=r"such as copy\.png"):
        unlabeled_images(more, val, False, log)


def test_a_folder_without_images_and_bad_ones(tmp_path, sets):
    log = TrainLog(QUIET, True)
    (tmp_path / "bare").mkdir()
    with pytest.raises(UsageError, match="holds no image"):
        unlabeled_images(tmp_path / "bare", [], False, log)
    (sets[1] / "bad.jpg").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"1 bad file; fix or pass --skip-bad\n.*bad\.jpg"):
        unlabeled_images(sets[1], [], False, log)
    assert len(unlabeled_images(sets[1], [], True, log)) == 5
