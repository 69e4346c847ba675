"""docs/models.md tells of each layout that an import knows."""

from pathlib import Path

from dlcli.tasks.detect.layouts.table import ALL

PAGE = Path(__file__).parents[2] / "docs" / "models.md"


def test_every_layout_stands_in_the_table():
    text = PAGE.read_text()
    assert [layout.name for layout in ALL if f"| `{layout.name}` | {layout.means} |" not in text] == []
