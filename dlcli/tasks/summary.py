"""What closes a run, and the merge of its records: counts over the records, said in one sentence. Light."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from dlcli.messages import plural
from dlcli.tasks.groups import NO_GROUPS

MOST_LABELS = 8


class Summary:
    """Counts of what a task says of images. A task with another sentence brings a class of its own.

    noun: of what `tally` counts in the record of an image. found: by label. hit: images with at least one.
    """

    of_one: ClassVar[bool] = False  # also said of a single image, which has a line of its own

    def __init__(self, noun: str, tally: Callable[[Mapping[str, Any]], Counter[str]]):
        self.noun, self.tally = noun, tally
        self.groups = NO_GROUPS  # of classes, which are counted under their group's name
        self.images = self.failures = self.hit = 0
        self.found: Counter[str] = Counter()

    def add(self, record: Mapping[str, Any]) -> None:
        """Each record once, as it is written."""
        self.images += 1
        if not record["ok"]:
            self.failures += 1
            return
        tally = self.tally(record)
        for label, count in tally.items():
            self.found[self.groups.of(label)] += count
        self.hit += bool(tally)

    def sentence(self) -> str:
        """Such as "12 images: 20 objects in 9 of them (14 dog, 6 cat); 2 failed"."""
        if not self.images:
            return "no images in the list"
        images = plural(self.images, "image")
        if self.failures == self.images:
            return f"{images}: all failed" if self.images > 1 else "the image failed"
        return f"{images}: {self.things()}{f'; {self.failures} failed' if self.failures else ''}"

    def things(self) -> str:
        """What was found, of images that did not all fail."""
        total = self.found.total()
        ranked = sorted(self.found.items(), key=lambda item: (-item[1], item[0]))
        more = ", ..." if len(ranked) > MOST_LABELS else ""
        kinds = ", ".join(f"{count} {label}" for label, count in ranked[:MOST_LABELS]) + more
        where = f" in {self.hit} of them" if self.images > 1 else ""
        return f"{plural(total, self.noun)}{where} ({kinds})" if total else f"no {self.noun}"
