"""What closes a run of `dlcli preprocess`, also when its records are merged: files written, or findings. Light."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

from dlcli.messages import plural
from dlcli.tasks.summary import Summary

UNUSABLE = "unusable"


class PreprocessSummary(Summary):
    """Of --check where the records have findings, else of the files that were written."""

    of_one: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__("file", lambda record: Counter())
        self.files = self.warned = 0
        self.audit = False

    def add(self, record: Mapping[str, Any]) -> None:
        super().add(record)
        self.files += len(record.get("outputs", ()))
        findings = record.get("findings", ())
        self.audit |= "findings" in record
        self.warned += bool(findings)
        self.found.update(item["kind"] for item in findings)

    def sentence(self) -> str:
        return self.audited() if self.audit else super().sentence()

    def things(self) -> str:
        return f"{plural(self.files, self.noun)} written"

    def audited(self) -> str:
        """ "120 images: 2 unusable, 5 with warnings (3 near-duplicate, 2 exif-turned)" """
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.found.items()))
        parts = [f"{self.failures:,} {UNUSABLE}"] if self.failures else []
        parts += [f"{self.warned:,} with warnings ({kinds})"] if self.warned else []
        return f"{plural(self.images, 'image')}: {', '.join(parts) or 'no fault found'}"
