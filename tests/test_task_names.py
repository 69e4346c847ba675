"""No task's name is a key or a condition outside its own folders: what is asked of a task stands in its contract."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dlcli.tasks.registry import all_tasks

ROOT = Path(__file__).parents[1]
NAMES = {name for task in all_tasks() for name in (task, task.replace("-", "_"))}
OWN = ("dlcli/tasks/{}/", "dlcli/training/{}/")  # folders of a task, where its name may stand
OTHER_FOLDERS = {"dlcli/training/style/"}  # of the trainer of style-transfer
# Files that may name tasks, and why.
ALLOWED: dict[str, str] = {}


def names_in(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, name) of every text that is a task's name, but for docstrings and the words of longer texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in NAMES:
            yield node.lineno, node.value


def files() -> list[str]:
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "dlcli").rglob("*.py"))


def is_own(file: str) -> bool:
    folders = [place.format(name) for name in NAMES for place in OWN]
    return file.startswith((*folders, *OTHER_FOLDERS))


def test_no_file_outside_its_folders_names_a_task():
    found = {
        f"{file}:{line}: {name!r}": file
        for file in files()
        if not is_own(file)
        for line, name in names_in(ast.parse((ROOT / file).read_text()))
    }
    others = [place for place, file in found.items() if file not in ALLOWED]
    assert not others, "ask the task by its contract (dlcli/tasks/contract.py):\n" + "\n".join(others)
    assert not ALLOWED.keys() - set(found.values()), "these name no task any more; take them out"


@pytest.mark.parametrize(
    "text",
    [
        'A = {"detect": 1}',
        'if task == "segment": pass',
        'if task in ("classify", "x"): pass',
        'match task:\n    case "style-transfer": pass',
        'find_model(model, "preprocess")',
    ],
)
def test_names_are_found(text):
    assert len(list(names_in(ast.parse(text)))) == 1


def test_words_in_messages_are_none():
    assert not list(names_in(ast.parse('"""detect\n"""\nprint("use dlcli detect", f"detect {1}")')))
