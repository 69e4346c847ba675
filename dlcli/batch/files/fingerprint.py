"""What a record depends on beside its image: two runs of one fingerprint give the same records."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import fields
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any

from dlcli import __version__
from dlcli.batch.plan import Plan
from dlcli.models.checksums import file_digest, short_id
from dlcli.tasks.outputs import plain_word

# what is read, how much at a time, how it is reported: none of it changes the record of an image that is done
_NO_PART = {
    *(
        "sources",
        "recursive",
        "files_from",
        "null",
        "from_jsonl",
        "every",
        "watch",
        "shard",
        "out",
        "root",
        "overwrite",
        "resume",
        "report",
    ),
    *(
        "strict",
        "allow_empty",
        "fail_if",
        "require",
        "failed_to",
        "match",
        "copy_matching",
        "link_matching",
        "exit_zero",
        "skip_bad",
        "max_pixels",
        "max_memory",
        "timeout_per_image",
        "max_errors",
    ),
    *("fail_fast", "plan", "json", "quiet", "threads", "debug", "model", "on"),
}
Fingerprint = dict[str, Any]


def fingerprint(plan: Plan, model: str) -> Fingerprint:
    """By name: the program's version, the task, the model, and every option that records or files depend on.

    model: as records name it. An option that names a file stands with the file's digest.
    """
    head = {"dlcli": __version__, "task": plan.task.name, "model": model, **_names(plan)}
    options = {
        field.name.strip("_"): _plain(getattr(group, field.name))
        for group in (plan.options, plan.batch)
        for field in fields(group)
        if field.name not in _NO_PART
    }
    return head | options


def _names(plan: Plan) -> Fingerprint:
    """How files are named of which one stands in a folder of the image, which earlier versions named otherwise."""
    place = PurePosixPath("a.jpg")
    below = [str(name) for name in plan.task.output_names(place, plan.saves) if plain_word(place.name) in name.name]
    return {"names": below} if below else {}


def differences(before: Fingerprint, now: Fingerprint) -> list[str]:
    """A clause for each thing that differs, such as "--conf was 0.25 and is 0.4"."""
    names = dict.fromkeys([*before, *now])
    return [
        f"{_shown(name)} was {_value(before.get(name))} and is {_value(now.get(name))}"
        for name in names
        if before.get(name) != now.get(name)
    ]


def digest_of_run(found: Fingerprint, names: Iterable[str]) -> str:
    """12 hex digits, equal for the shards of one run: the fingerprint and the list of all images.

    SHA-256 of the JSON of [fingerprint, [names]], in ASCII, whatever bytes a name has.
    """
    digest = hashlib.sha256(f"[{json.dumps(found, sort_keys=True)}, [".encode())
    for number, name in enumerate(names):
        digest.update((", " if number else "").encode() + json.dumps(name).encode())
    digest.update(b"]]")
    return digest.hexdigest()[:12]


def _value(value: Any) -> str:
    return "not given" if value in (None, "", []) else str(value)


def _shown(name: str) -> str:
    return name if name in ("dlcli", "task", "model", "names") else f"--{name.replace('_', '-')}"


def _plain(value: Any) -> Any:
    """As JSON has it; a file's name with its digest."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (str, Path)) and str(value) and os.path.isfile(value):
        return short_id(str(value), file_digest(value))
    return str(value) if isinstance(value, Path) else value
