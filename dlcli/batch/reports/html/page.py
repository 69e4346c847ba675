"""One page that holds all it shows: it asks nothing of any server, and its policy (CSP) forbids that it does.

The page works without its script too, which brings the filters alone. Look and behaviour are in assets/.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

from dlcli.batch.reports.html.card import card, numbered, path_shown
from dlcli.batch.reports.predictions import (
    BrokenGates,
    message_of,
    name_of,
    noun_of,
    one_line,
    predictions_of,
)
from dlcli.batch.reports.summary import RunFacts
from dlcli.console import Console
from dlcli.imaging.drawing.palette import class_colour, readable_on
from dlcli.tasks.answers import Record
from dlcli.tasks.registry import find_task

MOST_PICTURES = 2_000
MOST_FAILURES = 500
MOST_CHIPS = 24  # shown before "more" is asked for
PAGE = Path(__file__).parent / "assets"


def render(
    facts: RunFacts, records: Sequence[Record], out: Path | None = None, console: Console | None = None
) -> bytes:
    """UTF-8. out: the folder of the run's files; what a task made of a picture is shown beside it.

    console: shows how far it has come, as pictures are read once more.
    """
    page = BytesIO()  # pictures make most of it, which are there once
    for part in _parts(facts, records, out, console or Console(quiet=True)):
        page.write(part.encode("utf-8", "replace"))
    return page.getvalue()


def chosen(records: Sequence[Record], broken: BrokenGates, most: int = MOST_PICTURES) -> list[Record]:
    """At most so many of the pictures that did not fail, in order; those that broke a gate stay longest."""
    whole = [record for record in records if record["ok"]]
    if len(whole) <= most:
        return whole
    best = sorted(range(len(whole)), key=lambda index: not broken.of(whole[index]))[:most]
    return [whole[index] for index in sorted(best)]


def _parts(facts: RunFacts, records: Sequence[Record], out: Path | None, console: Console) -> Iterator[str]:
    broken = BrokenGates(facts.gates)
    shown = chosen(records, broken)
    counts = Counter(find.label for record in shown for find in predictions_of(facts.task, record))
    labels = {label: number for number, (label, _) in enumerate(sorted(counts.items(), key=lambda c: (-c[1], c[0])))}
    colours = {find.label: find.class_id for record in shown for find in numbered(facts.task, record, labels)}
    style = (PAGE / "page.css").read_text("utf-8") + _colour_rules(set(colours.values()))
    script = (PAGE / "page.js").read_text("utf-8")
    yield _head(facts, style, script)
    yield _top(facts, sum(counts.values()))
    yield _gates(facts)
    yield _failures([record for record in records if not record["ok"]])
    yield '<section class="pictures" aria-labelledby="pictures"><h2 id="pictures">Pictures</h2>\n'
    yield _controls(facts, [(label, colours[label], counts[label]) for label in labels], shown, broken)
    whole = facts.pictures - facts.failures
    if len(shown) < whole:
        first = ", those that broke a gate first" if broken.by_name else ""
        yield f'<p class="cut">This page shows {len(shown):,} of {whole:,} pictures{first}.</p>'
    yield '<ul class="grid">\n'
    with console.progress("html", len(shown)) as bar:
        for record in shown:
            yield card(facts.task, record, labels, broken.of(record), out)
            bar.step()
    yield '</ul><p class="empty" hidden>No picture meets these filters.</p></section>\n'
    yield f"</main><footer>{_text(f'dlcli {facts.version}')} · run <code>{_text(facts.run_hash)}</code></footer>"
    yield f"<script>{script}</script></body></html>\n"


def _head(facts: RunFacts, style: str, script: str) -> str:
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        '<link rel="icon" href="data:,">'
        f"<title>{_text(f'dlcli {facts.task}: {facts.sentence}')}</title><style>{style}</style></head>\n<body><main>"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _top(facts: RunFacts, finds: int) -> str:
    broken = sum(gate.broken for gate in facts.gates)
    tiles = [(f"{facts.pictures:,}", "pictures", "")]
    if finds:
        tiles.append((f"{finds:,}", f"{noun_of(facts.task)}{'s' * (finds != 1)}", ""))
    if facts.failures:
        tiles.append((f"{facts.failures:,}", "failed", "bad"))
    if facts.gates:
        tiles.append((f"{broken} of {len(facts.gates)}", "gates broke", "bad" if broken else "good"))
    shown = "".join(f'<li class="{kind}"><b>{value}</b> {_text(name)}</li>' for value, name, kind in tiles)
    model = f" · <span>{_text(facts.model)}</span>" if facts.model else ""
    verdict = ("good", "passed") if facts.exit_code == 0 else ("bad", f"exit code {int(facts.exit_code)}")
    return (
        f'<header><p class="eyebrow">dlcli {_text(facts.task)}{model}</p><h1>{_text(facts.sentence)} '
        f'<span class="pill {verdict[0]}">{verdict[1]}</span></h1><ul class="tiles">{shown}</ul></header>\n'
    )


def _gates(facts: RunFacts) -> str:
    if not facts.gates:
        return ""
    rows = "".join(
        f'<li class="{"bad" if gate.broken else "good"}"><span class="pill {"bad" if gate.broken else "good"}">'
        f"{'broke' if gate.broken else 'holds'}</span> <code>{_text(f'{gate.option} {gate.text}')}</code> "
        f'<span class="reason">{_text(gate.reason)}</span></li>'
        for gate in facts.gates
    )
    return f'<section aria-labelledby="gates"><h2 id="gates">Gates</h2><ul class="gates">{rows}</ul></section>\n'


def _failures(failed: Sequence[Record]) -> str:
    if not failed:
        return ""
    rows = "".join(
        f'<li><span class="kind">{_text(record["error"]["kind"])}</span><span class="name">'
        f'{path_shown(name_of(record))}</span><span class="reason">{_text(message_of(record))}</span></li>'
        for record in failed[:MOST_FAILURES]
    )
    long = ' long" tabindex="0" aria-labelledby="failed' if len(failed) > 12 else ""
    cut = len(failed) - MOST_FAILURES
    more = f'<p class="cut">{cut:,} more failed.</p>' if cut > 0 else ""
    return (
        f'<section aria-labelledby="failed"><h2 id="failed">Failed <span class="count">{len(failed):,}</span></h2>'
        f'<ul class="failures{long}">{rows}</ul>{more}</section>\n'
    )


def _controls(
    facts: RunFacts, labels: Sequence[tuple[str, int, int]], shown: Sequence[Record], broken: BrokenGates
) -> str:
    """Hidden until the script, which they need, shows them."""
    views = [("all", "All")]
    if labels and not find_task(facts.task).makes_images:  # where every image has one
        views += [("with", f"With {noun_of(facts.task)}s"), ("without", "Without")]
    if any(broken.of(record) for record in shown):
        views.append(("broke", "Broke a gate"))
    radios = "".join(
        f'<label><input type="radio" name="view" value="{value}"{" checked" if value == "all" else ""}>'
        f"<span>{text}</span></label>"
        for value, text in views
    )
    view = f'<fieldset class="views"><legend class="off">Which pictures</legend>{radios}</fieldset>'
    task = find_task(facts.task)
    name, has_slider = task.value_name, bool(labels) and not task.makes_images
    slider = (
        f'<label class="least">Least {name} <input type="range" id="least" min="0" max="1" step="0.01" value="0">'
        '<output for="least">0.00</output></label>'
    )
    search = '<label class="search"><span class="off">Name holds</span><input type="search" placeholder="Name"></label>'
    return (
        f'<div class="controls" hidden><div class="row">{view if len(views) > 1 else ""}'
        f"{slider if has_slider else ''}{search}"
        f'<button type="button" class="clear" hidden>Clear filters</button></div>{_chips(labels)}'
        f'<p class="status" role="status" data-word="{noun_of(facts.task)}"></p></div>\n'
    )


def _chips(labels: Sequence[tuple[str, int, int]]) -> str:
    if not labels:
        return ""
    chips = "".join(
        f'<button type="button" class="chip c{class_id}" data-l="{number}" aria-pressed="false"'
        f'{" hidden" if number >= MOST_CHIPS else ""}><i class="dot"></i>{_text(label)} '
        f'<span class="count">{count:,}</span></button>'
        for number, (label, class_id, count) in enumerate(labels)
    )
    rest = len(labels) - MOST_CHIPS
    more = f'<button type="button" class="more">{rest:,} more</button>' if rest > 0 else ""
    return f'<div class="chips" role="group" aria-label="Labels">{chips}{more}</div>'


def _colour_rules(class_ids: set[int]) -> str:
    rules = (
        f".c{i}{{--c:{_hex(class_colour(i))};--on:{_hex(readable_on(class_colour(i)))}}}" for i in sorted(class_ids)
    )
    return "\n".join(rules) + "\n"


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _text(text: str) -> str:
    return escape(one_line(text))
