"""A model's card as lines that people read: what `dlcli models info` prints."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dlcli.spelling import keys_of_today

LEFT_OUT = ("schema", "name", "task", "license")  # in the first line, or of no use to people


def card_page(card: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a card, as card.to_json has it; what is empty is left out."""
    license = card["license"] or "license not stated"
    yield f"{card['name']}: {card['task']}, {license}"
    for name, value in card.items():
        if name in LEFT_OUT or value in ("", [], {}):
            continue
        if name == "labels":
            yield f"labels ({len(value)}): {', '.join(value)}"
        elif name == "input":
            yield f"input: {value[0]} x {value[1]} pixels"
        elif name == "scores":
            yield "scores:"
            yield from map(_score, value)
        elif isinstance(value, Mapping):
            yield f"{name}:"
            yield from (f"  {key}: {_short(item)}" for key, item in keys_of_today(dict(value)).items())
        elif name == "credits":
            yield "credits:"
            yield from (f"  {credit}" for credit in value)
        else:
            yield f"{name}: {_short(value)}"


def _score(score: Mapping[str, Any]) -> str:
    """ "  map50 0.6772 on 500 held-out images (dlcli eval detect ...)" """
    measured = f" on {score['data']}" if score.get("data") else ""
    command = f" ({score['command']})" if score.get("command") else ""
    return f"  {score.get('metric')} {score.get('value')}{measured}{command}"


def _short(value: Any) -> str:
    if isinstance(value, list):
        nested = any(isinstance(item, Mapping) for item in value)
        return ("; " if nested else ", ").join(map(_short, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_short(item)}" for name, item in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
