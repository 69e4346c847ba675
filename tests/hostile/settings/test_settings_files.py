"""Random settings files (FUZZ=2000 in the environment for more): each is read, or refused in a sentence."""

import os
import random
import string

from tests.hostile.inside import outcome

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
        assert ended.seconds < 5, data
        assert "Traceback" not in ended.err
        if ended.code:
            assert ended.err.startswith("dlcli: "), (data, ended.err)
            assert "dlcli.toml" in ended.err, (data, ended.err)
        taken += not ended.code
    assert COUNT // 10 < taken < COUNT - COUNT // 10
