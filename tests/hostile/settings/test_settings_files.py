"""Random settings files (FUZZ=2000 in the environment for more): each is read, or refused in a sentence."""

import os
import random
import string

import pytest

from tests.hostile.inside import outcome
from tests.program import CAT, dlcli

NAMES = ("conf", "iou", "threads", "max-det", "max_det", "classes", "fail_if", "pre", "tile", "report", "save", "x", "")
TABLES = ("[detect]", "[train.detect]", "[tool.dlcli]", "[[detect]]", "[nothing]", "[", "[detect.conf]", "[eval]")
VALUES = (
    "0.4",
    "nan",
    "-inf",
    "1" * 400,
    '"cat"',
    "true",
    "[1, 2]",
    '["cat", "dog"]',
    "{a = 1}",
    "1979-05-27",
    '"',
    "''",
    "0x1f",
)
COUNT = int(os.environ.get("FUZZ", "300"))


def lines(rng):
    for _ in range(rng.randint(0, 6)):
        kind = rng.random()
        if kind < 0.3:
            yield rng.choice(TABLES)
        elif kind < 0.9:
            yield f"{rng.choice(NAMES)} = {rng.choice(VALUES)}"
        else:
            yield "".join(rng.choice(string.printable + "é\u2028\x00") for _ in range(rng.randint(0, 20)))


def test_random_settings_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng, taken = random.Random(9), 0
    for number in range(COUNT):
        data = "\n".join(lines(rng)).encode()
        data += bytes(rng.randrange(256) for _ in range(4)) if number % 50 == 0 else b""
        (tmp_path / "dlcli.toml").write_bytes(data)
        ended = outcome(["config", "show", "detect"])
        assert ended.code in (0, 2, 5), (data, ended)
        assert ended.seconds < 60, data
        assert "Traceback" not in ended.err
        if ended.code:
            assert ended.err.startswith("dlcli: "), (data, ended.err)
            assert "dlcli.toml" in ended.err, (data, ended.err)
        taken += not ended.code
    assert COUNT // 10 < taken < COUNT - COUNT // 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a." * 40_000 + "b = 1", "nested too deeply"),
        ("[detect]\nconf = 1" + "0" * 5000, "this is not TOML"),
        ("# " + "x" * (1 << 20), "has more than 1,048,576 bytes"),
    ],
)
def test_files_that_would_take_for_ever(tmp_path, text, message):
    (tmp_path / "dlcli.toml").write_text(text)
    ran = dlcli("detect", CAT, cwd=tmp_path)
    assert (ran.code, message in ran.err) == (2, True), ran.err[:300]
    assert len(ran.err) < 1000


def test_a_device_and_a_file_without_an_end(tmp_path):
    """The first is no file to look for; the second is one that has 60 GB and no content."""
    (tmp_path / "dlcli.toml").symlink_to("/dev/zero")
    assert dlcli("detect", CAT, cwd=tmp_path).code == 0
    (tmp_path / "dlcli.toml").unlink()
    with (tmp_path / "dlcli.toml").open("wb") as file:
        file.truncate(60 << 30)
    ran = dlcli("detect", CAT, cwd=tmp_path)
    assert (ran.code, "has more than 1,048,576 bytes" in ran.err) == (2, True)


def test_dots_that_are_no_key_are_read(tmp_path):
    (tmp_path / "dlcli.toml").write_text(f'# {"." * 200}\n[detect]\nclasses = "cat"  # {". " * 100}\n')
    assert dlcli("detect", CAT, cwd=tmp_path).code == 0


def test_a_file_does_not_silence_the_line_on_what_it_says(tmp_path):
    (tmp_path / "dlcli.toml").write_text("quiet = true\n[detect]\nconf = 0.5\n")
    assert "settings: dlcli.toml (" in dlcli("detect", CAT, cwd=tmp_path).err
    assert dlcli("detect", CAT, "--quiet", cwd=tmp_path).err == ""
