"""What is written for a label: itself, or its class number where no font here can draw it, which is said once a run.

Every run has one, most runs draw nothing: fonts are loaded when a label is drawn.
"""

from collections.abc import Iterator, Sequence

from dlcli.messages import listed

NAMED = 5  # labels in the sentence


class DrawnLabels(Sequence[str]):
    """The labels of a model, by class id, as they are drawn. Called from several threads."""

    def __init__(self, labels: Sequence[str]):
        self.labels = tuple(labels)
        self._replaced: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[str]:
        return (self[class_id] for class_id in range(len(self)))

    def __getitem__(self, class_id: int) -> str:  # type: ignore[override]
        from dlcli.imaging.drawing.fonts.letters import undrawable

        label = self.labels[class_id]
        if not undrawable(label):
            return label
        self._replaced[class_id] = label
        return f"class {class_id}"

    def notes(self) -> tuple[str, ...]:
        """A sentence on the labels that were asked for and could not be drawn; () for none."""
        if not self._replaced:
            return ()
        from dlcli.imaging.drawing.fonts.letters import can_shape, is_complex

        found = [f"{label} (class {class_id})" for class_id, label in sorted(self._replaced.items())]
        unshaped = not can_shape() and all(map(is_complex, self._replaced.values()))
        why = (
            "Pillow finds no FriBiDi to lay them out; install libfribidi0"
            if unshaped
            else "no font on this machine has their letters; install one, such as Noto Sans CJK"
        )
        return (f"drawn with class numbers: {listed(found, NAMED)}: {why}",)
