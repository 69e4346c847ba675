"""A path that is not there has one exit code wherever it is given, and the message names it: every command is walked.

3: an input of a batch, whose others go on. 4: a model. 2: anything else, without which the command cannot start.
"""

import shutil
from pathlib import Path

import pytest

from dlcli.cli.app import build_app
from dlcli.cli.spec import read_tree
from dlcli.errors import ExitCode
from tests.program import CAT, SAMPLES, dlcli

SHAPES = SAMPLES / "shapes"
INPUT, START, MODEL = ExitCode.INCOMPLETE, ExitCode.USAGE, ExitCode.MISSING
NO_PATH = {"schema", "completion", "help", "config show", "models networks", "models pull"}

BATCH = [
    (["nope.png", CAT], INPUT, "nope.png"),
    (["nope.png"], INPUT, "nope.png"),
    (["nope/"], INPUT, "nope/"),
    (["nope/*.png"], START, "nope/*.png"),
    (["--files-from", "nope"], START, "--files-from nope"),
    (["--from-jsonl", "nope"], START, "--from-jsonl nope"),
]
NETWORK = [
    ([CAT, "--model", "nope"], MODEL, "--model nope"),
    ([CAT, "--model", "nope.onnx"], MODEL, "--model nope.onnx"),
    ([CAT, "--model", "no/run"], MODEL, "--model no/run"),
]
CLASSES = "sorted"  # a folder per class, which the test writes


def train(data: object) -> list[tuple[list[object], ExitCode, str]]:
    return [
        (["nope", "--out", "run"], START, "DATA nope"),
        ([data, "--out", "run", "--from", "nope.safetensors"], MODEL, "--from nope.safetensors"),
        ([data, "--out", "run", "--from", "nope"], MODEL, "--from nope"),
        ([data, "--out", "run", "--resume"], START, "--resume: run/last.pt"),
    ]


def more(data: object) -> list[tuple[list[object], ExitCode, str]]:
    """Of what is learned from beside labels."""
    return [
        ([data, "--out", "run", "--teacher", "nope"], MODEL, "--teacher nope"),
        ([data, "--out", "run", "--unlabeled", "nope"], START, "--unlabeled nope"),
    ]


EVAL = [
    (["nope"], START, "DATA nope"),
    ([SHAPES, "--baseline", "nope"], START, "--baseline nope"),
    ([SHAPES, "--model", "nope"], MODEL, "--model nope"),
    ([SHAPES, "--model", "nope.onnx"], MODEL, "--model nope.onnx"),
    ([SHAPES, "--against", "nope.onnx"], MODEL, "--against nope.onnx"),
]
WAYS = {
    "detect": [*BATCH, *NETWORK],
    "classify": [*BATCH, *NETWORK],
    "segment": [*BATCH, *NETWORK],
    "preprocess": [
        *(([*words, "--check"], code, named) for words, code, named in BATCH),
        ([CAT, "--for", "nope", "--out", "out"], MODEL, "--for nope"),
        ([CAT, "--for", "nope.onnx", "--out", "out"], MODEL, "--for nope.onnx"),
    ],
    "runs list": [(["nope"], MODEL, "nope: no such folder")],
    "runs report": [(["nope"], MODEL, "nope: expected the folder of a training")],
    "runs compare": [(["nope", "none"], MODEL, "nope: expected the folder of a training")],
    "data split": [(["nope", "--out", "out"], START, "DATA nope")],
    "style-transfer": [
        *(([*words, "--style", "starry-night", "--out", "out"], code, named) for words, code, named in BATCH),
        ([CAT, "--style", "starry-night", "--out", "out", "--model", "nope"], MODEL, "--model nope"),
        ([CAT, "--style", "nope.png", "--out", "out", "--method", "optimize"], START, "--style nope.png"),
    ],
    "export": [(["nope"], START, "RUN nope"), ([SHAPES, "--data", "nope"], START, "--data nope")],
    "merge": [(["nope"], START, "FILE nope"), (["nope", "nope2", "--out", "out"], START, "FILE nope")],
    "diff": [(["nope", "nope2"], START, "nope: no such file")],
    "convert": [
        (["nope", "out", "--to", "coco"], START, "SOURCE nope"),
        ([SHAPES, "out", "--to", "coco", "--images", "nope"], START, "--images nope"),
    ],
    "doctor": [(["nope"], START, "DATASET nope")],
    "hook": [(["detect", "nope.png", CAT], INPUT, "nope.png"), (["preprocess", "--check", "nope.png"], INPUT, "nope")],
    "train detect": train(SHAPES),
    "train classify": [*train(CLASSES), *more(CLASSES)],
    "generate": [(["--model", "nope", "--out", "made"], MODEL, "--model nope")],
    "train gan": [
        (["nope", "--out", "run"], START, "DATA nope"),
        ([SHAPES, "--out", "run", "--resume"], START, "--resume: run/last.pt"),
    ],
    "train mae": [
        (["nope", "--out", "run"], START, "DATA nope"),
        ([SHAPES, "--out", "run", "--resume"], START, "--resume: run/last.pt"),
    ],
    "train segment": [
        *train(SHAPES),
        *more(SHAPES),
        ([SHAPES, "--out", "run", "--weak-masks", "nope"], START, "--weak-masks nope"),
    ],
    "train style-transfer": [
        (["nope", "--out", "run"], START, "DATA nope"),
        ([SHAPES, "--out", "run", "--style", "nope.png"], START, "nope.png"),
    ],
    "eval detect": EVAL,
    "eval segment": EVAL,
    "eval classify": [*EVAL, ([SHAPES, "--map", "nope"], START, "--map nope")],
    "models list": [(["nope"], START, "FOLDERS nope")],
    "models info": [(["nope"], MODEL, "MODEL nope"), (["nope.onnx"], MODEL, "MODEL nope.onnx")],
    "models path": [(["nope"], MODEL, "MODEL nope"), (["nope.onnx"], MODEL, "MODEL nope.onnx")],
    "models verify": [(["nope"], MODEL, "nope")],
    "models remove": [(["nope"], MODEL, "nope")],
    "models import": [(["nope.onnx", "--name", "n", "--labels", "a"], START, "FILE nope.onnx")],
}


def test_every_command_is_walked():
    from typer.main import get_command

    tree = read_tree(get_command(build_app()))
    leaves = {" ".join(command.path) for command in tree.all_commands() if not command.commands}
    assert leaves == WAYS.keys() | NO_PATH


@pytest.mark.parametrize(
    ("command", "words", "code", "named"),
    [(command, *way) for command, ways in WAYS.items() for way in ways],
    ids=lambda value: str(value) if isinstance(value, str) else None,
)
def test_a_path_that_is_not_there(command: str, words: list[object], code: ExitCode, named: str, tmp_path: Path):
    for label in ("cat", "dog"):
        (tmp_path / CLASSES / label).mkdir(parents=True)
        for name in "abcde":
            shutil.copy(CAT, tmp_path / CLASSES / label / f"{label}{name}.jpg")
    ran = dlcli(*command.split(), *words, cwd=tmp_path)
    assert ran.code == code, ran.err
    assert named in ran.out + ran.err
    assert "Traceback" not in ran.err
    assert not (tmp_path / "run").exists()


def test_a_path_called_as_the_argument_is_a_path(tmp_path: Path):
    ran = dlcli("export", "run", "--out", "out", cwd=tmp_path)
    assert (ran.code, "RUN run: no such file or folder" in ran.err) == (2, True), ran.err
