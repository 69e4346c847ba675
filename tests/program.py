"""Runs the real program as a shell would, and holds every record that it prints to its schema."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jsonschema

from dlcli.cli.commands.schema import record_schema
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
    def told(self) -> list[str]:
        """The lines on standard error, less the run's hash."""
        return re.sub(r" \(run [0-9a-f]{12}\)$", "", self.err, flags=re.MULTILINE).splitlines()

    @property
    def lines(self) -> list[str]:
        return self.out.removesuffix("\n").split("\n") if self.out else []


def dlcli(*arguments: object, stdin: bytes = b"", cwd: Path = ROOT, env: dict[str, str] | None = None) -> Ran:
    """`dlcli ARGUMENTS`, with its exit code and what it wrote."""
    done = subprocess.run(
        [sys.executable, "-m", "dlcli", *(a if isinstance(a, bytes) else str(a) for a in arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        timeout=120,
        check=False,
    )
    ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
    validate_records(ran.out)
    return ran


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
        "heavy = [m for m in ('numpy', 'cv2', 'onnxruntime', 'torch', 'PIL', 'rich') if m in sys.modules]\n"
        "print('LOADED', code, *heavy)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=120, check=True
    )
    words = done.stdout.splitlines()[-1].split()
    return int(words[1]), set(words[2:])
