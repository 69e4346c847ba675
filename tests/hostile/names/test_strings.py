"""2,000 random strings for each option that has a grammar, and random lines for --from-jsonl: no fault, no hang."""

import json
import random
import string
import time
from contextlib import suppress

import pytest

from dlcli.batch.gates.gates import Gates
from dlcli.batch.reports.spec import parse_reports
from dlcli.batch.shards import parse_shard
from dlcli.errors import UsageError
from dlcli.imaging.steps.parser import parse_chain
from dlcli.units import parse_size
from tests.hostile.inside import outcome

WORDS = {
    "--fail-if": (
        "count",
        "score",
        "share",
        "no",
        "(",
        ")",
        "dog",
        "*",
        ">",
        "<=",
        "0",
        "1e9",
        "20%",
        "any:",
        "not",
        "or",
    ),
    "--require": ("total:", "all:", "score(cat)", ">=", "0.6", "and", "((((", '"', "'", "no(dog)", "%", "9" * 400, "!"),
    "--pre": ("clahe", "(", ")", "clip=2", ",", "|", "gamma", "nan", "1e999", "-", "resize", "=", "grid=8", "9" * 30),
    "--shard": ("1", "/", "3", "8", "-", " ", "9" * 20, "0", "x", "٣"),
    "--report": ("junit", "=", "csv", "html", "github", "/", "..", "x", "~", "a.jpg", "-", "\0"),
    "--max-memory": ("1", "GB", "MiB", ".", "9" * 40, "k", "-", " ", "e5", "inf", "B"),
    "--timeout-per-image": ("1", "nan", "inf", "-", ".", "e", "9" * 30),
    "--save": ("crops", ",", "none", "coco", "annotated", " ", "x"),
}


def strings(words, rng, count):
    """Words of the grammar, and characters of every sort."""
    alphabet = string.printable + "é‮\u2028\ud800\udcff😀\x1b"
    for _ in range(count):
        parts = [rng.choice(words) if rng.random() < 0.8 else rng.choice(alphabet) for _ in range(rng.randint(0, 12))]
        yield rng.choice(("", " ")).join(parts)


PARSERS = {
    "--fail-if": lambda text: Gates.parse([text], []),
    "--require": lambda text: Gates.parse([], [text]),
    "--pre": parse_chain,
    "--shard": parse_shard,
    "--report": lambda text: parse_reports([text]),
    "--max-memory": parse_size,
}


@pytest.mark.parametrize("option", PARSERS)
def test_random_strings_in_the_parser(option):
    for text in strings(WORDS[option], random.Random(option), 2000):
        start = time.monotonic()
        with suppress(UsageError):
            PARSERS[option](text)
        assert time.monotonic() - start < 5, text


@pytest.mark.parametrize("option", WORDS)
def test_random_strings_on_the_command_line(option, tmp_path, monkeypatch):
    """Standard input is closed, so that what is no mistake ends as wrong usage too, before a model is opened."""
    monkeypatch.chdir(tmp_path)
    out = ("--out", "out") if option == "--save" else ()
    for text in strings(WORDS[option], random.Random(option), 60):
        ran = outcome(["detect", "-", *out, f"{option}={text}"])
        assert ran.code == 2, (text, ran.err)
        assert ran.err
        assert ran.seconds < 60, text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--fail-if", "--require", "--pre"])
@pytest.mark.parametrize(
    "text", ["(" * 50_000, "not " * 50_000, "|" * 50_000, "a" * 100_000, "count(dog)>0 or " * 20_000]
)
def test_long_strings(option, text):
    ran = outcome(["detect", "-", option, text])
    assert (ran.code, ran.seconds < 60) == (2, True), ran.err[:300]
    assert len(ran.err) < 2000


def value(rng, depth=0):
    """Any JSON, and what Python takes for it."""
    kind = rng.randrange(9 if depth < 4 else 6)
    if kind > 6:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind == 6:
        return {rng.choice(("label", "score", "box", "rle", "index", "kind", "x")): value(rng, depth + 1) for _ in "ab"}
    return (None, True, rng.choice((0, -1, 10**400, 1 << 63)), float(rng.choice(("nan", "inf", "1e308"))), "a\0b", "x")[
        kind
    ]


def test_random_records(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = random.Random(3)
    fields = (
        "source",
        "ok",
        "detections",
        "classes",
        "outputs",
        "error",
        "crop",
        "source_bytes",
        "width",
        "shard",
        "frame",
    )
    for number in range(500):
        record = {"schema": f"dlcli.{rng.choice(('detect', 'segment', 'x'))}/1", "source": "a.jpg", "ok": True}
        record |= {rng.choice(fields): value(rng) for _ in range(rng.randint(1, 3))}
        line = json.dumps(record)
        line = (
            line if rng.random() < 0.8 else line[: rng.randrange(len(line))] + rng.choice(("\0", "]" * 9, "[" * 5000))
        )
        (tmp_path / "r.jsonl").write_text(line)
        command = ("merge", "diff", "classify")[number % 3]
        if command == "classify":  # stops at the second option, once the records are read
            ran = outcome(["preprocess", "--from-jsonl", "r.jsonl", "--gamma", "0.9", "--out", "r.jsonl"])
        else:
            ran = outcome([command, "r.jsonl", *(["r.jsonl"] if command == "diff" else [])])
        assert ran.code in range(6), (line, ran.err)
        assert ran.seconds < 60, line
