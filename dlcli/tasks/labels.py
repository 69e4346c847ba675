"""Names and numbers of classes as people type them: `dog,cat` or `11,7`."""

from dlcli.errors import UsageError
from dlcli.messages import did_you_mean

# What people say -> labels that mean it, of which a model may have one.
MEANT = {
    **dict.fromkeys(
        ("people", "persons", "human", "humans", "pedestrian", "man", "men", "woman", "women"), ("person",)
    ),
    **dict.fromkeys(("airplane", "aeroplane", "plane"), ("airplane", "aeroplane")),
    **dict.fromkeys(("bike", "cycle"), ("bicycle",)),
    **dict.fromkeys(("motorcycle", "motorbike"), ("motorcycle", "motorbike")),
    **dict.fromkeys(("couch", "sofa"), ("couch", "sofa")),
    **dict.fromkeys(("television", "tv", "monitor"), ("tv", "tvmonitor")),
}


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


def _ids(labels: tuple[str, ...], text: str, option: str) -> list[int]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise UsageError(f"{option} {text}: names no class; expected a list such as dog,cat")
    return [_id(labels, word, option) for word in words]


def _id(labels: tuple[str, ...], word: str, option: str) -> int:
    by_name = {label.casefold(): i for i, label in enumerate(labels)}
    if word.casefold() in by_name:
        return by_name[word.casefold()]
    if word.isdecimal() and len(word) < 10 and int(word) < len(labels):
        return int(word)
    raise UsageError(f"{option}: no class {word}; {nearest_or_known(labels, word)}")


def nearest_or_known(labels: tuple[str, ...], word: str, known: str = "the model knows") -> str:
    """What to say where `word` is none of the labels: the one most like it, or else all of them after `known`."""
    meant = next((label for label in MEANT.get(word.casefold(), ()) if label in labels), "")
    return (f"did you mean {meant}?" if meant else did_you_mean(word, labels)) or f"{known}: {_listed(labels)}"


def _listed(labels: tuple[str, ...], most: int = 25) -> str:
    more = f" ... ({len(labels)} in all)" if len(labels) > most else ""
    return ", ".join(labels[:most]) + more
