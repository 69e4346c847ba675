"""The programs in the docs run as they stand, in order, in the folder of a clone, and give what their comments say."""

import re

import pytest

from tests.docs.folder import make_clone
from tests.program import ROOT


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_programs_run_as_they_stand(page, tmp_path, monkeypatch, capsys):
    program = make_clone(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(program), prepend=":")
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    assert blocks
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)
    printed = capsys.readouterr().out
    for said in re.findall(r"print\(.*\)  # ([^,(]+)", "".join(blocks)):
        assert said.strip() in printed
