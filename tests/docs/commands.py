"""The commands in the docs, and how each is run as pasted."""

import glob
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.program import run_inside

SHELL = re.compile(r"[|&;$<>()]|^[A-Z_]+=|^\w+ \w+ in ")


def commands(text: str) -> Iterator[str]:
    """Every command of indented blocks, in order; loops as one. Where lines begin with `$ `, the others are output."""
    for block in re.findall(r"(?:^    .*\n|^\n(?=    )|^\| !\[.*\n)+", text, re.MULTILINE):
        if block.startswith("|"):  # the table of the five commands
            yield from re.findall(r"<br>`(dlcli [^`]+)`", block)
            continue
        lines = [line[4:] for line in block.splitlines() if line.strip()]
        shown = any(line.startswith("$ ") for line in lines)
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ") or not shown]
        for command in _joined(lines):
            if re.search(r"(^|[|&;(] ?|\$\(|done |^[A-Z_]+=\S+ |^\s+)dlcli ", command) or command.startswith("dlcli "):
                yield command


def _joined(lines: list[str]) -> Iterator[str]:
    loop: list[str] = []
    for line in lines:
        if loop or line.startswith("for "):
            loop.append(line)
            if line == "done":
                yield "\n".join(loop)
                loop = []
        else:
            yield line


def run(command: str, folder: Path, program: Path, settings: dict[str, str]) -> tuple[int, str]:
    """Exit code and standard error. By bash where it is more than a line of words, else inside this process."""
    plain = re.sub(r"\s+#.*", "", command)
    if not SHELL.search(re.sub(r"'[^']*'|\"[^\"$]*\"", "", plain)):
        words = [word for part in _words(plain) for word in (sorted(glob.glob(part, root_dir=folder)) or [part])]
        ran = run_inside(words[1:], b"", folder, settings)
        return ran.code, ran.err
    environment = {**os.environ, **settings, "PATH": f"{program}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stderr.decode()


def _words(line: str) -> list[str]:
    """Quoted words are no patterns for file names."""
    return [
        glob.escape(word) if quoted else word for word, quoted in zip(shlex.split(line), _quoted(line), strict=True)
    ]


def _quoted(line: str) -> list[bool]:
    return ["'" in word or '"' in word for word in shlex.split(line, posix=False)]
