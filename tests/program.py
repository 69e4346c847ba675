"""Runs the real program, and holds every record that it prints to its schema."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Any

import jsonschema
import typer

from dlcli.cli.app import build_app, run
from dlcli.cli.commands.schema import record_schema
from dlcli.models import BUNDLED
from dlcli.runtime import session
from dlcli.runtime.native_stderr import private_stderr
from dlcli.tasks.registry import find_task

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_data"
CAT = SAMPLES / "cat.jpg"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def reported(self) -> list[str]:
        """The lines on standard error, less where files went, how long it took and the run's hash."""
        time = r"(?:[0-9][0-9. min]*s(?:, )?)?(?:[0-9]+ h [0-9]+ min(?:, )?)?"
        aside = rf"(?: -> [^\n]+?)?(?: \({time}(?:run [0-9a-f]{{12}})?\))$"
        return re.sub(aside, "", self.err, flags=re.MULTILINE).splitlines()

    @property
    def lines(self) -> list[str]:
        return self.out.removesuffix("\n").split("\n") if self.out else []


def dlcli(
    *arguments: object,
    stdin: bytes = b"",
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
    process: bool = False,
) -> Ran:
    """`dlcli ARGUMENTS`, with its exit code and what it wrote; every record is held to its schema.

    Within this process, a hundred times faster. process: as a program of its own, for what is about streams, signals,
    start-up or memory.
    """
    words = [os.fsdecode(a) if isinstance(a, bytes) else str(a) for a in arguments]
    process = process or "PYTHONPATH" in (env or {}) or "--max-memory" in words  # of a program that has just begun
    ran = (run_process if process else run_inside)(words, stdin, cwd, env or {})
    validate_records(ran.out)
    return ran


def run_process(words: list[str], stdin: bytes, cwd: Path, env: dict[str, str]) -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "dlcli", *words],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        timeout=300,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


class Stream(io.TextIOWrapper):
    """Standard input, output or error with bytes below it, as a program has them."""

    def __init__(self, data: bytes = b"", errors: str = "surrogateescape"):
        super().__init__(io.BytesIO(data), encoding="utf-8", errors=errors, write_through=True)

    @property
    def text(self) -> str:
        strict = self.errors == "surrogateescape"
        return self.buffer.getvalue().decode(errors="strict" if strict else "replace")  # type: ignore[attr-defined]


def run_inside(words: list[str], stdin: bytes, cwd: Path, env: dict[str, str]) -> Ran:
    """The same in this process, whose working folder, streams and variables of `env` come back as they were."""
    out, err, folder, variables = Stream(), Stream(), os.getcwd(), dict(os.environ)
    before, sys.stdin = sys.stdin, Stream(stdin)
    os.environ.update(env)
    os.chdir(cwd)
    try:
        with private_stderr(), redirect_stdout(out), redirect_stderr(err):
            code = run(app(), words)
    finally:
        os.chdir(folder)
        for name in env:  # what the program itself has set, such as FFmpeg's options, stays as in a program
            if name in variables:
                os.environ[name] = variables[name]
            else:
                os.environ.pop(name, None)
        sys.stdin = before
    return Ran(code, out.text, err.text)


@cache
def app() -> Any:
    """The command line, built once: a Typer builds its commands again for every call, a third of many tests."""
    built = build_app()
    command: Any = typer.main.get_command(built)
    built.__class__ = type("Built", (typer.Typer,), {"__call__": lambda _, *words, **more: command(*words, **more)})
    return built


def open_once(start: Callable[..., Any]) -> Callable[..., Any]:
    """runtime.session._start that opens each bundled model once for the same options: a fifth of many tests."""
    opened: dict[tuple[Any, ...], Any] = {}

    @wraps(start)
    def started(model: Any, options: Any, device: str) -> Any:
        path = Path("" if isinstance(model, bytes) else model)
        if path.parent != BUNDLED or session._BOUND:
            return start(model, options, device)
        stat = os.stat(path)
        key = (path, stat.st_mtime_ns, stat.st_size, options.intra_op_num_threads, device)
        if key not in opened:
            opened[key] = start(model, options, device)
        return opened[key]

    return started


session._start = open_once(session._start)


def unscored(text: str) -> str:
    """Text for people with S for every score, which changes with a model's weights: "cat.jpg: 1 cat (S)"."""
    return re.sub(r"\b[01]\.\d\d\b", "S", text)


def validate_records(text: str) -> None:
    """Every record among the lines meets the schema that `dlcli schema TASK` prints."""
    for line in text.split("\n"):
        match = re.match(r'\{"schema":"dlcli\.([a-z-]+)/1","source":', line)
        if match:
            validator_of(match[1]).validate(json.loads(line))


@cache
def validator_of(task: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(record_schema(find_task(task)))


def loaded_modules(*arguments: object) -> tuple[int, set[str]]:
    """The exit code of `dlcli ARGUMENTS` and the heavy modules that it loaded on the way."""
    code = (
        "import sys\n"
        "from dlcli.cli.app import main\n"
        f"sys.argv = ['dlcli', *{[str(a) for a in arguments]!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    code = end.code\n"
        "names = ('numpy', 'cv2', 'onnxruntime', 'torch', 'PIL', 'PIL.ImageCms', 'rich')\n"
        "heavy = [m for m in names if m in sys.modules]\n"
        "print('LOADED', code, *heavy)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120, check=True
    )
    words = done.stdout.splitlines()[-1].split()
    return int(words[1]), set(words[2:])
