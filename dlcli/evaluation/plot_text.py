"""Labels in plots: matplotlib is given the fonts that this machine has for them."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager

from dlcli.imaging.drawing.fonts.labels import DrawnLabels
from dlcli.imaging.drawing.fonts.letters import BUNDLED, font_of


def drawable(labels: Sequence[str]) -> list[str]:
    """The labels as they can be drawn: "class 7" where no font has one's letters."""
    return list(DrawnLabels(labels))


def fonts_for(texts: Iterable[str]) -> AbstractContextManager[None]:
    """Within, matplotlib draws texts in its own font and, where that lacks a letter, in those of the system."""
    from matplotlib import font_manager, rc_context

    paths = dict.fromkeys(font_of(character) for text in texts for character in text)
    names = [font_manager.FontProperties(fname=BUNDLED).get_name()]
    for path in paths:
        if path is not None and path != BUNDLED:
            font_manager.fontManager.addfont(path)
            names.append(font_manager.FontProperties(fname=path).get_name())
    return rc_context({"font.family": names})
