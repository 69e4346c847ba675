"""The house rules of DESIGN.md, held by parsing every import of dlcli/: who may import whom, and what stays light."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Ground first: each may import itself and what stands before it.
HOUSE = (
    *(
        "errors",
        "signals",
        "messages",
        "units",
        "console",
        "distribution",
        "records",
        "file_lock",
        "whole_file",
        "claims",
        "card",
        "onnx_metadata",
    ),
    *("ops", "runtime", "imaging", "models", "metrics", "data", "tasks", "batch", "evaluation", "doctor"),
    *("nets", "style", "training", "export", "cli", "__main__"),
)
# (file, package that it may import inside a function only)
LATE_EXCEPTIONS = (
    ("dlcli/tasks/torch_predict.py", "nets"),
    ("dlcli/tasks/style_transfer/optimize.py", "nets"),
    ("dlcli/tasks/style_transfer/optimize.py", "style"),
)
TRAINING_LIBRARIES = {"torch", "torchvision", "albumentations"}
TRAINING_PACKAGES = {"nets", "style", "training", "export"}
HEAVY = {*TRAINING_LIBRARIES, "numpy", "cv2", "onnxruntime"}
QUIET_IMPORT = "dlcli/runtime/quiet_import.py"
MAX_LINES = 300


@dataclass(frozen=True)
class Import:
    """One import: `file:line` names `module`. late: inside a function. typing: under `if TYPE_CHECKING`."""

    file: str
    line: int
    module: str
    late: bool
    typing: bool

    @property
    def owner(self) -> str:
        """The part of the house that the file belongs to ("" for dlcli/__init__.py)."""
        return _part(_module(self.file))

    @property
    def target(self) -> str:
        """The part of the house that is imported, "" for other libraries and for dlcli itself."""
        return _part(self.module)

    @property
    def library(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: imports {self.module}"


def test_a_part_imports_only_itself_and_parts_nearer_the_ground():
    _report(order_faults(all_imports()))


def test_every_file_belongs_to_the_house():
    _report(f"{file}: {part} is not in HOUSE; add it to DESIGN.md and here" for file, part in _parts() if part)


def test_training_libraries_load_only_with_the_training_packages():
    _report(training_faults(all_imports()))


def test_the_command_line_loads_nothing_heavy():
    _report(heavy_cli_faults(all_imports()))


def test_onnxruntime_comes_in_quietly():
    """Imported by hand it starts a telemetry uploader: `load_onnxruntime` must have run before."""
    _report(onnxruntime_faults(all_imports()))


def test_typer_comes_without_its_click():
    _report(f"{item}; use public names of typer" for item in all_imports() if _is_click(item.module))


def test_no_file_is_too_long():
    lengths = {file: len((ROOT / file).read_text().splitlines()) for file in _files()}
    _report(f"{file}:{MAX_LINES + 1}: {n} lines, at most {MAX_LINES}" for file, n in lengths.items() if n > MAX_LINES)


@pytest.mark.skipif(not (ROOT / "dlcli/cli/app.py").exists(), reason="dlcli/cli/app.py is not written yet")
def test_importing_the_app_loads_nothing_heavy():
    code = f"import sys, dlcli.cli.app; print(*sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [], "python -X importtime -c 'import dlcli.cli.app' shows who loads them"


def order_faults(imports: list[Import]) -> Iterator[str]:
    """Imports of a part that stands later in HOUSE; those for type checking count too."""
    for item in imports:
        if not item.target or item.owner == item.target or _is_late_exception(item):
            continue
        if item.target not in HOUSE:
            yield f"{item}: {item.target} is not in HOUSE"
        elif item.owner in HOUSE and HOUSE.index(item.target) > HOUSE.index(item.owner):
            yield f"{item}: {item.target} stands above {item.owner} in the house"
        elif not item.owner:
            yield f"{item}: dlcli/__init__.py imports no part of the house"


def training_faults(imports: list[Import]) -> Iterator[str]:
    for item in imports:
        loaded = item.library in TRAINING_LIBRARIES and not item.late and not item.typing
        if loaded and item.owner not in TRAINING_PACKAGES:
            yield f"{item} at module level: only {', '.join(sorted(TRAINING_PACKAGES))} may; import it in the function"


def heavy_cli_faults(imports: list[Import]) -> Iterator[str]:
    """Module-level imports in cli that end, directly or through our own modules, at a heavy library."""
    loads: dict[str, set[str]] = {}
    for item in imports:
        if not item.late and not item.typing:
            loads.setdefault(_module(item.file), set()).add(item.module)
    for item in imports:
        if item.owner == "cli" and not item.late and not item.typing:
            way = _way_to_heavy(item.module, loads, set())
            if way:
                yield f"{item} at module level, which loads {' -> '.join(way)}; import it in the command's body"


def onnxruntime_faults(imports: list[Import]) -> Iterator[str]:
    """Others may use its submodules (quantization) inside functions, next to load_onnxruntime."""
    quiet = {item.file for item in imports if item.module.endswith("quiet_import.load_onnxruntime")}
    for item in imports:
        loaded = item.library == "onnxruntime" and item.file != QUIET_IMPORT and not item.typing
        if loaded and not (item.late and item.file in quiet):
            yield f"{item}: call dlcli.runtime.quiet_import.load_onnxruntime first, in the function that needs it"


@cache
def all_imports() -> list[Import]:
    return [item for file in _files() for item in imports_of(file, (ROOT / file).read_text())]


def imports_of(file: str, text: str) -> list[Import]:
    """Every import of a file, `importlib.import_module("constant")` included; `from a import b` gives a and a.b."""
    found: list[Import] = []

    def visit(node: ast.AST, late: bool, typing: bool) -> None:
        found.extend(Import(file, node.lineno, module, late, typing) for module in _named_modules(node, file))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.body:
                visit(child, late, True)
            for child in node.orelse:
                visit(child, late, typing)
            return
        late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, late, typing)

    visit(ast.parse(text, file), False, False)
    return found


def _named_modules(node: ast.AST, file: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        folder = file.split("/")[: -node.level] if node.level else []  # each dot is one folder up
        base = ".".join([*folder, *([node.module] if node.module else [])])
        return [base, *(f"{base}.{alias.name}" for alias in node.names)]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")) and node.args:
        name = node.args[0]
        return [name.value] if isinstance(name, ast.Constant) and isinstance(name.value, str) else []
    return []


def _way_to_heavy(module: str, loads: dict[str, set[str]], seen: set[str]) -> list[str]:
    """Modules from `module` to a heavy library, both included; [] if it loads none."""
    if module.partition(".")[0] in HEAVY:
        return [module]
    packages = {module.rsplit(".", cut)[0] for cut in range(1, module.count(".") + 1)}  # a.b.c loads a and a.b first
    for name in sorted((packages | {module}) - seen):
        seen.add(name)
        for loaded in sorted(loads.get(name, set())):
            way = _way_to_heavy(loaded, loads, seen)
            if way:
                return [name, *way]
    return []


def _files() -> list[str]:
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "dlcli").rglob("*.py"))


def _parts() -> Iterator[tuple[str, str]]:
    """Files outside the house, and the part that they claim to be."""
    for file in _files():
        part = _part(_module(file))
        yield file, "" if part in HOUSE else part


def _module(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def _part(module: str) -> str:
    """ "imaging" for dlcli.imaging.reader, "" for dlcli, its dunder names and other libraries."""
    first, _, rest = module.partition(".")
    name = rest.partition(".")[0]
    dunder = name.startswith("__") and name != "__main__"
    return name if first == "dlcli" and not dunder else ""


def _is_late_exception(item: Import) -> bool:
    return item.late and any(fnmatch(item.file, file) and item.target == part for file, part in LATE_EXCEPTIONS)


def _is_click(module: str) -> bool:
    return module.partition(".")[0] == "click" or module == "typer._click" or module.startswith("typer._click.")


def _report(faults: Iterator[str]) -> None:
    found = {fault.partition(": ")[0]: fault for fault in faults}  # one for each file:line
    assert not found, "\n" + "\n".join(sorted(found.values()))


DETECT, PREDICT, CLI = "dlcli/tasks/detect/detector.py", "dlcli/tasks/torch_predict.py", "dlcli/cli/app.py"


@pytest.mark.parametrize(
    ("rule", "file", "text", "caught"),
    [
        (order_faults, DETECT, "from dlcli.ops import nms", False),
        (order_faults, DETECT, "from dlcli import __version__", False),
        (order_faults, DETECT, "import dlcli.batch.pipeline", True),
        (order_faults, DETECT, "from dlcli import batch", True),
        (order_faults, DETECT, "from ...batch import pipeline", True),
        (order_faults, DETECT, "from . import options", False),
        (order_faults, DETECT, "if TYPE_CHECKING:\n    from dlcli.batch import x", True),
        (order_faults, DETECT, "def f():\n    from dlcli.nets import x", True),
        (order_faults, DETECT, "importlib.import_module('dlcli.cli.app')", True),
        (order_faults, PREDICT, "def f():\n    from dlcli.nets import x", False),
        (order_faults, PREDICT, "from dlcli.nets import x", True),  # the exception is for functions only
        (order_faults, PREDICT, "def f():\n    from dlcli.training import x", True),
        (order_faults, DETECT, "from dlcli.junk import x", True),
        (training_faults, DETECT, "def f():\n    import torch", False),
        (training_faults, DETECT, "class A:\n    import torch.nn", True),
        (training_faults, "dlcli/nets/layers.py", "import torch", False),
        (heavy_cli_faults, CLI, "import typer", False),
        (heavy_cli_faults, CLI, "from numpy import array", True),
        (heavy_cli_faults, CLI, "def f():\n    import numpy", False),
        (heavy_cli_faults, CLI, "if TYPE_CHECKING:\n    import numpy", False),
        (heavy_cli_faults, CLI, "from dlcli.runtime.session import open_session", True),
        (heavy_cli_faults, CLI, "from dlcli.models.store import find_model", False),
        (onnxruntime_faults, DETECT, "def f():\n    import onnxruntime", True),
        (onnxruntime_faults, "dlcli/export.py", "def f():\n    from onnxruntime import quantization", True),
        (
            onnxruntime_faults,
            "dlcli/export.py",
            "from dlcli.runtime.quiet_import import load_onnxruntime\ndef f():\n    import onnxruntime.quantization",
            False,
        ),
    ],
)
def test_the_rules_catch_what_they_should(rule, file: str, text: str, caught: bool):
    others = [item for item in all_imports() if item.file != file]
    assert any(fault.startswith(f"{file}:") for fault in rule([*others, *imports_of(file, text)])) == caught
