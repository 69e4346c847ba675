"""What a gate says at the end of a run; the report, every --report and the exit code read this."""

from dlcli.batch.gates.expression import REQUIRE
from dlcli.frozen import dataclass


@dataclass(frozen=True)
class GateOutcome:
    """option: "--fail-if" or "--require". text: the condition as typed, such as "count(dog) > 0".

    broken: it does not hold, so that the exit code is 1. images: names of those that broke it, in input order; empty
    where the condition is on all images together. reason: a clause for people, such as "3 of 12 images match" or
    "the total of count(dog) is 7". evidence: of each of `images`, what in it the condition is about: "dog 0.44".
    """

    option: str
    text: str
    broken: bool
    images: tuple[str, ...]
    reason: str
    evidence: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        return "FAIL" if self.broken else "pass"

    def sentence(self) -> str:
        """Such as "FAIL  --fail-if 'count(dog) > 0': 3 of 12 images match"."""
        return f"{self.verdict}  {self.option} '{self.text}': {self.reason}"

    def pairs(self) -> list[tuple[str, str]]:
        """(image, evidence) of each that broke it."""
        return list(zip(self.images, self.evidence or [""] * len(self.images), strict=True))

    def of_image(self, evidence: str) -> str:
        """What it says of an image that broke it: "--fail-if 'count(dog) > 0' matches: dog 0.44"."""
        how = "does not match" if self.option == REQUIRE else "matches"
        return f"{self.option} '{self.text}' {how}{f': {evidence}' if evidence else ''}"
