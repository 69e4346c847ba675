"""Versions against packaging's order; packages side by side, by made-up lists of what is installed."""

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from dlcli.doctor.finding import State
from dlcli.doctor.versions import ONNX_RUNTIME, OPENCV, check_versions, is_older, least_versions, side_by_side
from tests.program import ROOT

RELEASES = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda numbers: ".".join(map(str, numbers)))


@given(RELEASES, RELEASES)
def test_releases_are_ordered_as_packaging_orders_them(one: str, other: str):
    assert is_older(one, other) == (Version(one) < Version(other))


def test_what_stands_behind_the_numbers_is_not_looked_at():
    assert not is_older("2.14.1+cpu", "2.14.1")
    assert is_older("2.9rc1", "2.10")


def test_least_versions_are_those_of_the_package():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {f"{name}>={least}" for name, least in least_versions().items()} == set(declared)


@pytest.mark.parametrize(
    ("names", "installed", "state"),
    [
        (OPENCV, ["opencv-python-headless"], State.OK),
        (OPENCV, ["opencv-python"], State.OK),  # it brings the same module, and windows
        (OPENCV, ["opencv-python", "opencv-python-headless"], State.FAULT),
        (OPENCV, [], State.FAULT),
        (ONNX_RUNTIME, ["onnxruntime-gpu"], State.OK),
        (ONNX_RUNTIME, ["onnxruntime", "onnxruntime-gpu"], State.FAULT),
    ],
)
def test_two_packages_of_one_module_are_a_fault(names, installed, state):
    found = side_by_side("x", "x", names, lambda name: "5.0" if name in installed else None)
    assert found.state is state
    assert found.facts["versions"] == dict.fromkeys(installed, "5.0")
    assert (state is State.OK) == (not found.advice)


def test_an_old_package_is_a_warning_and_a_missing_one_a_fault():
    versions = {"numpy": "1.26.4", "pillow": "13.0", "typer": "0.29", "rich": "15.0", "onnxruntime": "1.32"}
    versions |= {"pyyaml": "6.0.4", "jinja2": "3.1.6"}
    found = {finding.check: finding for finding in check_versions(versions.get)}
    assert found["packages"].state is State.WARNING
    assert re.search(r"numpy 1\.26\.4$", found["packages"].message)
    assert "'numpy>=2.0'" in found["packages"].advice
    found = {finding.check: finding for finding in check_versions({"numpy": "2.4"}.get)}
    assert found["packages"].state is State.FAULT
    assert "pillow" in found["packages"].message


def test_without_torch_all_is_well():
    found = {finding.check: finding for finding in check_versions({"torch": None}.get)}
    assert found["train"].state is State.OK
    assert found["train"].facts["versions"] == {}
