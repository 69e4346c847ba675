"""The house rules of DESIGN.md, held by parsing every import of dlcli/: who may import whom, and what stays light."""

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set

import pytest

from tests.imports import ROOT, Import, all_imports, files_of, imports_of, module_of, partial_name

# Ground first: each may import itself and what stands before it.
HOUSE = (
    *(
        "frozen",
        "errors",
        "spelling",
        "class_names",
        "signals",
        "messages",
        "units",
        "stopwatch",
        "progress",
        "console",
        "distribution",
        "records",
        "file_lock",
        "whole_file",
    ),
    *("claims", "card", "onnx_metadata", "ops", "runtime", "imaging", "models", "metrics", "data", "nets", "style"),
    *("tasks", "batch", "api", "evaluation", "doctor", "training", "export", "cli", "__main__"),
)
TRAINING_LIBRARIES = {"torch", "torchvision", "albumentations"}
TRAINING_PACKAGES = {"nets", "style", "training", "export"}
HEAVY = {*TRAINING_LIBRARIES, "numpy", "cv2", "onnxruntime"}
QUIET_IMPORT = "dlcli/runtime/quiet_import.py"
MAX_LINES, MAX_FILES = 300, 25
NETWORKS = {"nets", "style"}  # of torch: loaded by those below them only when a function needs them


def test_a_part_imports_only_itself_and_parts_nearer_the_ground():
    _report(order_faults(all_imports()))


def test_every_file_belongs_to_the_house():
    _report(f"{file}: {part} is not in HOUSE; add it to DESIGN.md and here" for file, part in _parts() if part)


def test_files_form_no_circle():
    """Late imports and those for type checking count too: what two files need of each other belongs below both."""
    _report(circle_faults(all_imports()))


def test_networks_load_in_the_function_that_needs_them():
    _report(network_faults(all_imports()))


def test_training_libraries_load_only_with_the_training_packages():
    _report(training_faults(all_imports()))


def test_the_command_line_loads_nothing_heavy():
    _report(heavy_cli_faults(all_imports()))


def test_onnxruntime_comes_in_quietly():
    """Imported by hand it starts a telemetry uploader: `load_onnxruntime` must have run before."""
    _report(onnxruntime_faults(all_imports()))


def test_typer_comes_without_its_click():
    _report(f"{item}; use public names of typer" for item in all_imports() if _is_click(item.module))


@pytest.mark.parametrize("folder", ["dlcli", "tests"])
def test_no_file_is_too_long(folder):
    lengths = {file: len((ROOT / file).read_text().splitlines()) for file in files_of(folder)}
    _report(f"{file}:{MAX_LINES + 1}: {n} lines, at most {MAX_LINES}" for file, n in lengths.items() if n > MAX_LINES)


@pytest.mark.parametrize("folder", ["dlcli", "tests"])
def test_no_folder_holds_too_many_files(folder):
    counts = Counter(file.rpartition("/")[0] for file in files_of(folder))
    _report(f"{place}: {n} files in one plane, at most {MAX_FILES}" for place, n in counts.items() if n > MAX_FILES)


def test_importing_the_app_loads_nothing_heavy():
    code = f"import sys, dlcli.cli.app; print(*sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [], "python -X importtime -c 'import dlcli.cli.app' shows who loads them"


def order_faults(imports: list[Import]) -> Iterator[str]:
    """Imports of a part that stands later in HOUSE; those for type checking count too."""
    for item in imports:
        if not item.target or item.owner == item.target:
            continue
        if item.target not in HOUSE:
            yield f"{item}: {item.target} is not in HOUSE"
        elif item.owner in HOUSE and HOUSE.index(item.target) > HOUSE.index(item.owner):
            yield f"{item}: {item.target} stands above {item.owner} in the house"
        elif not item.owner:
            yield f"{item}: dlcli/__init__.py imports no part of the house"


def circle_faults(imports: list[Import]) -> Iterator[str]:
    """Imports that lie on a circle of files."""
    known = {module_of(item.file) for item in imports}
    arrows: dict[str, set[str]] = defaultdict(set)
    for item in imports:
        if item.module in known and item.module != module_of(item.file):
            arrows[module_of(item.file)].add(item.module)
    while True:  # a file that imports none of those that are left, or that none of them imports, is on no circle
        imported = {target for targets in arrows.values() for target in targets}
        arrows, before = _inner(arrows, imported & arrows.keys()), arrows
        if arrows == before:
            break
    for item in imports:
        if item.module in arrows.get(module_of(item.file), ()):
            yield f"{item}, which imports it in turn, if not directly; move what they share below both"


def _inner(arrows: Mapping[str, Set[str]], kept: Set[str]) -> dict[str, set[str]]:
    """Arrows between files that are kept; files without one are left out."""
    inner = {file: set(targets & kept) for file, targets in arrows.items() if file in kept}
    return {file: targets for file, targets in inner.items() if targets}


def network_faults(imports: list[Import]) -> Iterator[str]:
    for item in imports:
        if item.target in NETWORKS and item.owner not in TRAINING_PACKAGES and not item.late and not item.typing:
            yield f"{item} at module level, which loads torch; import it in the function that needs it"


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
            loads.setdefault(module_of(item.file), set()).add(item.module)
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


def _parts() -> Iterator[tuple[str, str]]:
    """Files outside the house, and the part that they claim to be."""
    for file in files_of():
        part = partial_name(module_of(file))
        yield file, "" if part in HOUSE else part


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
        (order_faults, DETECT, "def f():\n    from dlcli.training import x", True),
        (circle_faults, DETECT, "import dlcli.tasks.detect.predictor", True),
        (circle_faults, DETECT, "def f():\n    from dlcli.tasks.detect import predictor", True),
        (circle_faults, DETECT, "if TYPE_CHECKING:\n    from dlcli.tasks.detect.predictor import x", True),
        (circle_faults, DETECT, "import dlcli.ops.boxes", False),
        (network_faults, DETECT, "from dlcli.nets import x", True),
        (network_faults, DETECT, "def f():\n    from dlcli.nets import x", False),
        (order_faults, DETECT, "importlib.import_module('dlcli.cli.app')", True),
        (order_faults, PREDICT, "def f():\n    from dlcli.nets import x", False),
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
