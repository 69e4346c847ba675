"""`--group animals=cat,dog,horse`: classes that count under one name, in gates, sorting and summaries. Light."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.tasks.labels import nearest_or_known

FORM = "expected NAME=CLASS,CLASS such as animals=cat,dog,horse"


@dataclass(frozen=True)
class Groups:
    """members: the classes of each group by its name, as typed; a class is in one group at most."""

    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, texts: Sequence[str] | None) -> "Groups":
        """UsageError: no name, no class, a name or a class given twice."""
        found: dict[str, tuple[str, ...]] = {}
        taken: dict[str, str] = {}
        for text in texts or ():
            name, sign, rest = text.partition("=")
            name, classes = name.strip(), tuple(word.strip() for word in rest.split(",") if word.strip())
            if not sign or not name or "," in name or not classes:
                raise UsageError(f"--group {text}: {FORM}")
            if name.casefold() in map(str.casefold, found):
                raise UsageError(f"--group {text}: there is a group {name} already; give all its classes in one")
            for word in classes:
                if taken.setdefault(word.casefold(), name) != name:
                    raise UsageError(
                        f"--group {text}: {word} is in {taken[word.casefold()]} already; leave it out of one"
                    )
            found[name] = classes
        return cls(found)

    def __bool__(self) -> bool:
        return bool(self.members)

    def check(self, labels: Sequence[str]) -> None:
        """UsageError: a class that the model does not know, or a group named as one of its classes.

        labels: of the model; () where they are not known.
        """
        known = {label.casefold() for label in labels}
        for name, classes in self.members.items() if labels else ():
            if name.casefold() in known:
                raise UsageError(f"--group {name}=...: the model has a class of that name; choose another one")
            for word in classes:
                if word.casefold() not in known:
                    hint = nearest_or_known(tuple(labels), word, "the model knows")
                    raise UsageError(f"--group {name}=...: no label {word}; {hint}")

    def meant(self, label: str) -> frozenset[str]:
        """The labels that a word stands for, casefolded: those of its group, or itself."""
        folded = label.casefold()
        for name, classes in self.members.items():
            if name.casefold() == folded:
                return frozenset(map(str.casefold, classes))
        return frozenset([folded])

    def of(self, label: str) -> str:
        """The group that a label is in, else the label."""
        folded = label.casefold()
        return next((name for name, words in self.members.items() if folded in map(str.casefold, words)), label)


NO_GROUPS = Groups()
