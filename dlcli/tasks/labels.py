"""Names and numbers of classes as people type them: `dog,cat` or `11,7`."""

from dlcli.class_names import OTHER_NAMES
from dlcli.errors import UsageError
from dlcli.messages import did_you_mean

PEOPLE = ("people", "persons", "human", "humans", "pedestrian", "pedestrians", "man", "men", "woman", "women")


def chosen_classes(labels: tuple[str, ...], only: str, without: str) -> tuple[bool, ...] | None:
    """For each label whether it is asked for; None: all are. Empty texts choose nothing."""
    if only:
        wanted = set(_ids(labels, only, "--classes"))
        return tuple(i in wanted for i in range(len(labels)))
    if without:
        unwanted = set(_ids(labels, without, "--exclude-classes"))
        if len(unwanted) == len(labels):
            raise UsageError(f"--exclude-classes {without}: leaves no class to look for")
        return tuple(i not in unwanted for i in range(len(labels)))
    return None


def named_classes(labels: tuple[str, ...], text: str, option: str) -> tuple[int, ...]:
    """The ids of the classes that a text names, ascending, each once. UsageError names `option`."""
    return tuple(sorted(set(_ids(labels, text, option))))


def _ids(labels: tuple[str, ...], text: str, option: str) -> list[int]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise UsageError(f"{option} {text}: names no class; expected a list such as dog,cat")
    return [_id(labels, word, option) for word in words]


def _id(labels: tuple[str, ...], word: str, option: str) -> int:
    by_name = {label.casefold(): i for i, label in enumerate(labels)}
    for name in (word.casefold(), OTHER_NAMES.get(word.casefold())):
        if name in by_name:
            return by_name[name]
    if word.isdecimal() and len(word) < 10 and int(word) < len(labels):
        return int(word)
    raise UsageError(f"{option}: no class {word}; {nearest_or_known(labels, word)}")


def nearest_or_known(labels: tuple[str, ...], word: str, known: str = "the model knows") -> str:
    """What to say where `word` is none of the labels: the same thing by another name, the one most like
    it, or else all of them after `known`."""
    other = OTHER_NAMES.get(word.casefold())
    if other in labels:
        return f"it is called {other} there"
    if word.casefold() in PEOPLE and "person" in labels:
        return "did you mean person?"
    return did_you_mean(word, labels) or f"{known}: {_listed(labels)}"


def _listed(labels: tuple[str, ...], most: int = 25) -> str:
    more = f" ... ({len(labels)} in all)" if len(labels) > most else ""
    return ", ".join(labels[:most]) + more
