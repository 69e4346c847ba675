"""No command opens a socket, needs a HOME or writes into it: in a network namespace without a way out, watched.

Where strace is there it lists the sockets that were asked for, also by native code; elsewhere it is enough that the
commands work.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from dlcli.cli.app import build_app
from dlcli.errors import ExitCode
from tests.models.foreign_networks import classifier
from tests.program import CAT, ROOT, dlcli

READ_ONLY = 'mount --bind "$HOME" "$HOME" && mount -o remount,ro,bind "$HOME" "$HOME" && exec "$@"'
# Not root, and may write nothing; a folder of the tests that only root can enter stays readable.
NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps=+dac_read_search",
          "--ambient-caps=+dac_read_search")  # fmt: skip
MODEL = "coco"
COMMANDS = {
    "detect": ["detect", CAT, "--out", "OUT", "--save", "annotated,coco", "--report", "html=OUT.html"],
    "classify": ["classify", CAT, "--json"],
    "segment": ["segment", CAT, "--out", "OUT"],
    "style-transfer": ["style-transfer", CAT, "--style", "starry-night", "--out", "OUT"],
    "preprocess": ["preprocess", CAT, "--for", MODEL, "--out", "OUT"],
    "models list": ["models", "list", "--json"],
    "models info": ["models", "info", MODEL],
    "models verify": ["models", "verify"],
    "models path": ["models", "path", MODEL],
    "schema": ["schema", "detect"],
    "merge": ["merge", "RECORDS", "--report", "markdown=OUT.md"],
    "diff": ["diff", "RECORDS", "RECORDS"],
    "convert": ["convert", "RECORDS", "OUT", "--to", "coco"],
    "eval": ["eval", "detect", "SET", "--split", "all", "--conf", "0.25"],
    "config": ["config", "show"],
    "completion": ["completion", "bash"],
    "doctor": ["doctor"],
    "torchvision": ["classify", CAT, "--model", "torchvision/resnet18"],
}
# Commands that are not above: train and export, which take torch minutes, and what came later. Add the latter above.
_APP = build_app()
OTHERS = {item.name for item in [*_APP.registered_commands, *_APP.registered_groups]} - {
    w[0] for w in COMMANDS.values()
}
COMMANDS |= {str(name): [str(name), "--help"] for name in sorted(map(str, OTHERS))}
WRONG = {"torchvision": ExitCode.MISSING}
FEW = ["detect", "models list"]


@dataclass(frozen=True)
class ProbedModel:
    code: int
    err: str
    sockets: list[str]


@pytest.fixture(scope="module", autouse=True)
def _root_alone():
    """Namespaces and mounts of one's own need root."""
    done = subprocess.run(["unshare", "-n", "-m", "true"], capture_output=True, check=False)
    if done.returncode or os.getuid():
        pytest.skip("unshare -n -m is not possible here")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> dict[str, Path]:
    """Records and a labeled set."""
    folder = tmp_path_factory.mktemp("made")
    assert dlcli("detect", CAT, "--out", folder / "found").code == 0
    assert dlcli("convert", folder / "found" / "results.jsonl", folder / "coco", "--to", "coco").code == 0
    return {"RECORDS": folder / "found" / "results.jsonl", "SET": folder / "coco"}


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """An empty HOME, and no other variable that names a folder."""
    for name in ("DLCLI_MODELS", "TORCH_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def filled(words: list, made: dict[str, Path], tmp_path: Path) -> list[str]:
    """The command line with real places."""
    places = {"OUT": str(tmp_path / "out"), **{word: str(path) for word, path in made.items()}}
    return [re.sub("OUT|RECORDS|SET", lambda m: places[m[0]], str(w)) if w is not CAT else str(w) for w in words]


def offline(arguments: list[str], tmp_path: Path, way: tuple[str, ...] = (), watch: bool = False) -> ProbedModel:
    """`dlcli ARGUMENTS` without a network; if watched, which is slow, with the sockets of the internet it asked for."""
    log = tmp_path / "calls"
    log.touch()
    for path in (tmp_path, log):
        path.chmod(0o777)
    strace = ["strace", "-f", "-qq", "-e", "trace=socket", "-o", str(log)] if watch and shutil.which("strace") else []
    done = subprocess.run(
        ["unshare", "-n", "-m", *way, *strace, sys.executable, "-m", "dlcli", *arguments],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )
    asked = [line for line in log.read_text().splitlines() if "AF_INET" in line]
    return ProbedModel(done.returncode, done.stderr.decode(), asked)


def test_a_socket_would_be_seen(tmp_path, home):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    seen = offline(["models", "pull", "torchvision/resnet18"], tmp_path, watch=True)
    assert seen.code == ExitCode.MISSING
    assert "cannot be fetched" in seen.err
    assert len(seen.sockets) > 0


@pytest.mark.parametrize("name", COMMANDS)
def test_no_socket_and_a_home_that_cannot_be_written(name, made, home, tmp_path):
    """As root behind a read-only bind mount."""
    seen = offline(filled(COMMANDS[name], made, tmp_path), tmp_path, ("sh", "-c", READ_ONLY, "sh"), watch=True)
    assert (seen.code, seen.sockets) == (WRONG.get(name, 0), []), seen.err
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("name", FEW)
def test_as_a_user_who_is_not_root(name, made, home, tmp_path):
    seen = offline(filled(COMMANDS[name], made, tmp_path), tmp_path, NOBODY)
    assert seen.code == WRONG.get(name, 0), seen.err
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("name", [*FEW, "torchvision"])
def test_with_no_home(name, made, home, tmp_path, monkeypatch):
    monkeypatch.delenv("HOME")
    seen = offline(filled(COMMANDS[name], made, tmp_path), tmp_path)
    assert seen.code == WRONG.get(name, 0), seen.err
    assert len(seen.err.splitlines()) <= 1


IMPORT = ["--name", "mine", "--task", "classify", "--labels", "a,b,c", "--mean", "0", "--std", "255"]


@pytest.mark.parametrize(
    ("way", "code", "words"),
    [
        (NOBODY, ExitCode.STOPPED, "Permission denied; set DLCLI_MODELS to a folder that can be written"),
        (("sh", "-c", READ_ONLY, "sh"), ExitCode.STOPPED, "Read-only file system; set DLCLI_MODELS to a folder"),
        (("env", "--unset=HOME"), ExitCode.MISSING, "none of DLCLI_MODELS, XDG_DATA_HOME and HOME is set"),
    ],
    ids=["nobody", "read-only", "no-home"],
)
def test_an_import_says_in_a_sentence_what_it_needs(way, code, words, home, tmp_path):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # where anyone may read
        Path(folder).chmod(0o755)
        Path(folder, "x.onnx").write_bytes(classifier())
        seen = offline(["models", "import", f"{folder}/x.onnx", *IMPORT], tmp_path, way)
    assert (seen.code, words in seen.err, len(seen.err.splitlines())) == (code, True, 1), seen.err
    assert list(home.iterdir()) == []
