"""What a command loads before its first answer: nothing that the image does not need. Times are in tests/benchmarks."""

import os
import subprocess
import sys

import pytest

from tests.program import CAT

UNNEEDED = (
    "torch",
    "pydantic",
    "PIL",
    "numpy.ma",
    "xml.etree",
    "zipfile",
    "tarfile",
    "rich.console",
    "typer.rich_utils",
)
LISTED = ("numpy", "dlcli.training.options", "dlcli.cli.commands.doctor", "dlcli.data.formats")


def loaded(words: list[str], names: tuple[str, ...]) -> set[str]:
    """Those of the modules that `dlcli WORDS` has loaded at its end."""
    code = (
        "import sys\nfrom dlcli.cli.app import build_app, run\n"
        f"words = {words!r}\nrun(build_app(words), words)\n"
        f"print('LOADED', *(name for name in {names!r} if name in sys.modules))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    return set(ran.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize("task", ["detect", "classify", "segment"])
def test_a_plain_jpeg_needs_little(task: str):
    assert loaded([task, str(CAT), "--json"], UNNEEDED) == set()


def test_the_list_of_commands_loads_none_of_them():
    assert loaded(["--help"], LISTED) == set()
