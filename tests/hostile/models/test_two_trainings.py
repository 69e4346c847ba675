"""Two trainings in one --out: the second is refused, and the first goes on as if nothing had been."""

import os
import signal
import subprocess
import sys

from tests.hostile.inside import outcome
from tests.program import ROOT
from tests.training.sets import write_squares

SMALL = ["--size", "64", "--batch", "2", "--from", "none", "--workers", "0", "--threads", "1", "--sides", "16,24,32,48"]


def test_the_second_training_in_a_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_squares(tmp_path / "squares", train=5, val=1)
    words = ["train", "detect", "squares", "--out", "run", "--epochs", "1000", *SMALL]
    with subprocess.Popen(
        [sys.executable, "-m", "dlcli", *words],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as first:
        begun = first.stderr.readline()
        assert "images to learn from" in begun
        for more in ([], ["--resume"]):
            ran = outcome([*words, *more])
            assert (ran.code, "another training is writing there" in ran.err) == (2, True), ran.err
        first.send_signal(signal.SIGTERM)
        told = first.communicate(timeout=100)[1]
    assert first.returncode == 143, told
    assert "go on with --resume" in told
    assert (tmp_path / "run" / "last.pt").is_file()
    assert not [path.name for path in (tmp_path / "run").iterdir() if path.name.startswith(".")]
