"""Where conversions are tried."""

import pytest

from dlcli.data.conversion.run import Conversion, convert
from tests.data.conversion.sets import simple, write


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where we are. a: a set. b: the same as YOLO."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a", simple())
    convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo"))
    return tmp_path
