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
    yield from (command for command, _ in shown(text))


def shown(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command with the lines of output that stand below it."""
    for block in re.findall(r"(?:^    .*\n|^\n(?=    )|^\| !\[.*\n)+", text, re.MULTILINE):
        if block.startswith("|"):  # the table of the five commands
            yield from ((command, []) for command in re.findall(r"<br>`(dlcli [^`]+)`", block))
            continue
        lines = [line[4:] for line in block.splitlines() if line.strip()]
        if any(line.startswith("$ ") for line in lines):
            yield from ((command, said) for command, said in _with_output(lines) if is_ours(command))
        else:
            yield from ((command, []) for command in _joined(lines) if is_ours(command))


def is_ours(command: str) -> bool:
    """Whether it runs dlcli."""
    return bool(re.search(r"(^|[|&;(] ?|\$\(|done |^[A-Z_]+=\S+ |^\s+)dlcli ", command))


def _with_output(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        elif found:
            found[-1][1].append(line)
    yield from found


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


def run(command: str, folder: Path, program: Path, settings: dict[str, str]) -> tuple[int, str, str]:
    """Exit code, standard output and error. By bash where it is more than a line of words, else in this process."""
    plain = re.sub(r"\s+#.*", "", command)
    if not SHELL.search(re.sub(r"'[^']*'|\"[^\"$]*\"", "", plain)):
        words = [word for part in _words(plain) for word in (sorted(glob.glob(part, root_dir=folder)) or [part])]
        ran = run_inside(words[1:], b"", folder, settings)
        return ran.code, ran.out, ran.err
    environment = {**os.environ, **settings, "PATH": f"{program}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def _words(line: str) -> list[str]:
    """Quoted words are no patterns for file names."""
    return [
        glob.escape(word) if quoted else word for word, quoted in zip(shlex.split(line), _quoted(line), strict=True)
    ]


def _quoted(line: str) -> list[bool]:
    return ["'" in word or '"' in word for word in shlex.split(line, posix=False)]
