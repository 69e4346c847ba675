"""The command and the date on a page for people."""

import re

from dlcli.batch.reports import made


def test_the_date_is_the_one_that_is_asked_for(monkeypatch):
    monkeypatch.setenv(made.EPOCH, "1700000000")
    assert made.date() == "2023-11-14 22:13 UTC"
    monkeypatch.setenv(made.EPOCH, "soon")
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d UTC", made.date())


def test_the_command_can_be_pasted(monkeypatch):
    monkeypatch.setattr(made, "_typed", [])
    assert made.command_line() == ""
    made.remember(["detect", "my photos", "--fail-if", "count(dog) > 0"])
    assert made.command_line() == "dlcli detect 'my photos' --fail-if 'count(dog) > 0'"
