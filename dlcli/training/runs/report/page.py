"""RUN/report.html: one page that holds all it shows of a run, from what lies in its folder. Light: no torch.

fit.py writes it when a run ends, however it ends; `dlcli runs report` again at any time.
"""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlcli.batch.reports.html.templates import ASSETS, policy_of, templates_of
from dlcli.evaluation.runs.summary import RunSummary, record_of, rows_of, summarize
from dlcli.frozen import dataclass
from dlcli.training.runs.report.charts import charts_of
from dlcli.training.runs.report.contents import NAME, class_table, figures_of, files_of, settings_of
from dlcli.units import duration
from dlcli.whole_file import write_whole

OWN = Path(__file__).parent / "assets"
DONE = "done"


@dataclass(frozen=True)
class Tile:
    """A number at the head of the page, and what it counts."""

    value: str
    name: str


def write_report(run: Path) -> Path:
    """Write RUN/report.html; its path. Errors as of `summarize`, and DlcliError where it cannot be written."""
    path = run / NAME
    write_whole(path, render(run))
    return path


def render(run: Path) -> bytes:
    """UTF-8."""
    return templates_of(OWN).get_template("run.html").render(_context(run)).encode("utf-8", "replace")


def _context(run: Path) -> dict[str, Any]:
    """What the template asks for by name."""
    from markupsafe import Markup

    summary, record, rows = summarize(run), record_of(run), list(rows_of(run))
    style = (ASSETS / "page.css").read_text("utf-8") + (OWN / "run.css").read_text("utf-8")
    return {
        "run": summary,
        "place": run.resolve().name,
        "policy": policy_of(style),
        "style": Markup(style),
        "headline": _headline(summary),
        "good": summary.state == DONE,
        "tiles": _tiles(summary, record),
        "sentence": _sentence(summary),
        "command": shlex.join(map(str, record.get("argv", ()))),
        "device": str(record.get("device", "")),
        "charts": charts_of(rows, summary.best_epoch),
        "table": class_table(run),
        "figures": list(figures_of(run)),
        "settings": settings_of(summary.task, summary.options),
        "files": files_of(run),
    }


def _headline(run: RunSummary) -> str:
    epochs = run.options.get("epochs")
    of = f" of {epochs}" if epochs else ""
    if run.best is None:
        return f"{run.epochs}{of} epochs" if epochs else "A run"
    return f"{run.metric} {run.best:.4f} in epoch {run.best_epoch}{of}"


def _tiles(run: RunSummary, record: Mapping[str, Any]) -> list[Tile]:
    images = record.get("data", {}).get("images")
    tiles = [Tile(f"{images:,}", "images to learn from")] if images else []
    tiles.append(Tile(f"{run.epochs:,}", "epoch done" if run.epochs == 1 else "epochs done"))
    return tiles if run.seconds is None else [*tiles, Tile(duration(run.seconds), "of training")]


def _sentence(run: RunSummary) -> str:
    """Why it ended, where it did not simply come to its end."""
    epochs, patience = run.options.get("epochs"), run.options.get("patience")
    if run.state == DONE and patience and epochs and run.epochs < epochs:
        waited = run.epochs - (run.best_epoch or 0)
        return f"Early stopping: no better {run.metric} for {waited} epochs (--patience {patience})."
    words = {
        "stopped": "Stopped by a signal; dlcli train goes on with --resume.",
        "diverged": "A loss was no longer a number; start again with a lower --lr or a smaller --clip.",
        "killed": "It ended without a word, as by kill -9; dlcli train goes on with --resume.",
        "running": "It is still running; this page is of the epochs so far.",
    }
    return words.get(run.state, "")
