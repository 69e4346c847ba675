"""The table of peers as a picture: python -m tests.benchmarks.peers.chart docs/speed.md docs/peers.svg

Bars for the seconds of one image, and of a folder, each beside dlcli's; read from the table in Markdown that
`python -m tests.benchmarks.peers` prints.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

HEAD = "| | installed | first answer | one image |"
LEFT, BAR, ROW, TOP, WIDTH = 410, 300, 26, 64, 790
OURS, THEIRS, TEXT, LINE = "#1f6feb", "#8c959f", "#57606a", "#d0d7de"


@dataclass(frozen=True)
class Row:
    """name: of a peer. seconds: by heading of the column."""

    name: str
    seconds: dict[str, float]

    @property
    def is_ours(self) -> bool:
        return self.name.startswith("dlcli")


def rows_of(page: str) -> list[Row]:
    """The rows of its table. ValueError: there is none."""
    lines = page.splitlines()
    at = next((number for number, line in enumerate(lines) if line.startswith(HEAD)), None)
    if at is None:
        raise ValueError(f"expected a table that begins with {HEAD}")
    heads = [cell.strip() for cell in lines[at].strip("|").split("|")]
    rows = []
    for line in lines[at + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        seconds = {
            head: float(cell.removesuffix(" s")) for head, cell in zip(heads, cells, strict=False) if _timed(cell)
        }
        rows.append(Row(cells[0].replace("`", ""), {head: seconds[head] for head in heads if head in seconds}))
    return rows


def chart(rows: list[Row]) -> str:
    """An SVG: two groups of bars, one scale each."""
    detect = [row for row in rows if "512 pixels" not in row.name]
    parts, y = [], TOP
    for head in ("one image", "100 images"):
        group = [row for row in detect if head in row.seconds]
        parts += [_text(16, y - 12, f"{head}, seconds of the whole process", weight="600")]
        longest = max(row.seconds[head] for row in group)
        for row in group:
            parts += _bar(row, row.seconds[head], longest, y)
            y += ROW
        y += 48
    title = _text(16, 24, "dlcli detect beside others: two cores, no GPU; shorter is better", 15, "600")
    size = f'width="{WIDTH}" height="{y - 24}" viewBox="0 0 {WIDTH} {y - 24}"'
    style = "font-family:system-ui,sans-serif"
    back = f'<rect width="100%" height="100%" fill="#ffffff" stroke="{LINE}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{style}">\n' + "\n".join(
        [back, title, *parts, "</svg>\n"]
    )


def _bar(row: Row, seconds: float, longest: float, y: int) -> Iterator[str]:
    width = max(1.0, BAR * seconds / longest)
    yield _text(LEFT - 8, y + 15, row.name, anchor="end", weight="600" if row.is_ours else "400")
    fill = OURS if row.is_ours else THEIRS
    yield f'<rect x="{LEFT}" y="{y + 2}" width="{width:.1f}" height="{ROW - 8}" rx="2" fill="{fill}"/>'
    yield _text(round(LEFT + width + 6), y + 15, f"{seconds:.2f} s")


def _text(x: int, y: int, words: str, size: int = 12, weight: str = "400", anchor: str = "start") -> str:
    how = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{TEXT}"'
    return f'<text x="{x}" y="{y}" {how}>{escape(words)}</text>'


def _timed(cell: str) -> bool:
    return cell.endswith(" s") and cell[:-2].replace(".", "", 1).isdigit()


if __name__ == "__main__":
    page, goal = map(Path, sys.argv[1:])
    goal.write_text(chart(rows_of(page.read_text())))
