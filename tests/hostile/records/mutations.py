"""Real records of every task, and what somebody's hand or program may make of them."""

import base64
import copy
import json
import math
import random
from pathlib import Path
from typing import Any

from tests.hostile.inside import outcome
from tests.program import CAT, SAMPLES

NAN, INF = float("nan"), float("inf")
VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 7.0, -0.0, 0.5, 1.5, 10**30, -(10**30), 2**53, 2**31, 1e15, 1e300, NAN, INF, -INF),
    *("", "x", "5", "\ud800", "\0", "dlcli.detect/1", "dlcli.foo/1", "a,b", "/", "..", "AAAA", "<b>\n", "é" * 300),
    *([], [1, 2], [0, 0, 1], [0, 0, 9, 9], [[]], ["x"], {}, {"index": 0}, {"a": {"b": [{}]}}, {"size": [3, 3]}),
    {"size": [300, 451], "counts": "0"},
    {"index": 0, "label": "x", "box": [0, 0, 5, 5]},
    {"index": 0, "of": 1, "run": "r"},
]
NAMES = ["schema", "source", "source_bytes", "crop", "frame", "time_s", "shard", "ok", "error", "width", "model", "x"]
NAMES += ["detections", "classes", "outputs", "outputs_bytes", "findings", "timings", "label", "box", "rle", ""]
DEEP: Any = []
for _ in range(60):
    DEEP = [DEEP]


def real_records(folder: Path) -> list[dict[str, Any]]:
    """Two or more of every task, good and failed, of shards, of parts of images, with timings."""
    found = outcome(["detect", str(CAT), "gone.jpg", "--json", "--timings", "--shard", "1/1"]).out
    (folder / "found.jsonl").write_text(found)
    styled = ["--style", "starry-night", "--size", "64", "--json", "--out", str(folder / "painted")]
    texts = [
        found,
        outcome(["classify", "--from-jsonl", str(folder / "found.jsonl"), "--json", "--top", "2"]).out,
        outcome(["segment", str(CAT), "--json"]).out,
        outcome(["style-transfer", str(CAT), *styled]).out,
        outcome(["preprocess", str(CAT), "--gamma", "0.8", "--json", "--out", str(folder / "bright")]).out,
        outcome(["preprocess", str(SAMPLES / "broken"), "--check", "--json"]).out,
    ]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def mutated(record: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """One to three changes, anywhere in the record."""
    changed = copy.deepcopy(record)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        _change(rng.choice(_holders(changed)), rng)
    return changed


def _holders(value: Any) -> list[Any]:
    """The value and all lists and objects within it."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, list | dict) else []
    return own + [holder for item in inner for holder in _holders(item)]


def _change(holder: Any, rng: random.Random) -> None:
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    how = rng.randrange(8)
    if not keys or how == 0:
        new = _value(rng)
        if isinstance(holder, dict):
            holder[rng.choice(NAMES)] = new
        else:
            holder.insert(rng.randint(0, len(holder)), new)
        return
    key = rng.choice(keys)
    if how == 1:
        del holder[key]
    elif how == 2 and isinstance(holder[key], int | float) and not isinstance(holder[key], bool):
        holder[key] = rng.choice([-holder[key], float(holder[key]), holder[key] + 0.5, holder[key] * 10**9])
    elif how == 3 and isinstance(holder, list):
        holder.append(holder[key])
    elif how == 4:
        holder[key] = [holder[key]]
    elif how == 5 and isinstance(holder[key], str):
        holder[key] = rng.choice([holder[key] + "\ud800", holder[key][1:], holder[key].upper(), holder[key] * 2])
    else:
        holder[key] = _value(rng)


def _value(rng: random.Random) -> Any:
    """One of its own, so that a later change of it stays in this record."""
    return copy.deepcopy(DEEP if rng.random() < 0.05 else rng.choice(VALUES))


def can_be_kept(value: Any, name: str = "") -> bool:
    """What dlcli asks of JSON beyond the schema: finite numbers below 2**53, UTF-8, base64 that is some."""
    if isinstance(value, dict):
        return all(can_be_kept(key) and can_be_kept(item, key) for key, item in value.items())
    if isinstance(value, list):
        return all(can_be_kept(item, name) for item in value)
    if isinstance(value, str):
        return value.encode(errors="replace").decode() == value and (not name.endswith("_bytes") or _is_base64(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return math.isfinite(value) and abs(value) < 1 << 53
    return True


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False
