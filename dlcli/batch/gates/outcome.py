"""What a gate says at the end of a run; the report, every --report and the exit code read this."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GateOutcome:
    """option: "--fail-if" or "--require". text: the condition as typed, such as "count(dog) > 0".

    broken: it does not hold, so that the exit code is 1. images: names of those that broke it, in input order; empty
    where the condition is on all images together. reason: a clause for people, such as "3 of 12 images meet it" or
    "the total of count(dog) is 7".
    """

    option: str
    text: str
    broken: bool
    images: tuple[str, ...]
    reason: str

    def sentence(self) -> str:
        """Such as "--fail-if 'count(dog) > 0' broke: 3 of 12 images meet it"."""
        return f"{self.option} '{self.text}' {'broke' if self.broken else 'holds'}: {self.reason}"
