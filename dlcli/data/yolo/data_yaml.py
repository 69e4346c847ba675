"""The few keys of a YOLO data.yaml that matter, read with PyYAML, which is imported here and only when called."""

from pathlib import Path
from typing import Any

from dlcli.data.files import LARGEST_FILE, is_unicode, read_text
from dlcli.errors import DataError
from dlcli.messages import short_repr

Scalar = str | None
Value = Scalar | list[Scalar] | dict[str, Scalar]

LARGEST = 4 << 20  # characters, five times what ImageNet's 21,841 classes take
NOTHING = ("", "~", "null", "Null", "NULL")
TEXT = "tag:yaml.org,2002:str"


def read_keys(path: Path, wanted: tuple[str, ...]) -> dict[str, Value]:
    """The wanted top-level keys that the file has. Scalars stay text, numbers too; an empty one, ~ and null are None.

    A value is text, a flat list or a flat mapping of text; other keys may hold anything. Tags are refused, and make no
    object. DataError names the file, the line and what was expected.
    """
    values: dict[str, Value] = {}
    for key, value in _top_level(path):
        name = getattr(key, "value", None)
        if name not in wanted:
            continue
        try:
            if name in values:
                raise DataError("expected this key once")
            values[name] = _value(value)
        except DataError as error:
            raise DataError(f"{path}: line {key.start_mark.line + 1}: {name}: {error}") from None
    return values


def _top_level(path: Path) -> list[tuple[Any, Any]]:
    """The pairs of nodes of the whole document; [] for an empty one."""
    import yaml

    text = read_text(path, LARGEST_FILE)
    if len(text) > LARGEST:
        raise DataError(f"{path}: expected at most {LARGEST:,} characters of class names and places, got {len(text):,}")
    try:
        root: Any = yaml.compose(text, yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise DataError(f"{path}: {_fault(error, text)}") from None
    except RecursionError:
        raise DataError(f"{path}: expected class names and places, got lists nested too deep") from None
    if root is None or (root.id == "scalar" and not root.value):
        return []
    if not isinstance(root, yaml.MappingNode):
        raise DataError(f"{path}: line {root.start_mark.line + 1}: expected 'key: value', such as names: [cat, dog]")
    return root.value


def _fault(error: Any, text: str) -> str:
    """ "line 3: expected YAML, but ...". Of what no YAML may hold, such as a NUL, the place is counted here."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        return f"line {line}: expected YAML, but {getattr(error, 'reason', 'it cannot be read')}"
    hint = "; put text with : # ' or \" in it in quotes" if "quotes" not in error.problem else ""
    return f"line {mark.line + 1}: expected YAML, but {error.problem.removeprefix('but ')}{hint}"


def _value(node: Any) -> Value:
    if node.id == "sequence":
        return [_scalar(item) for item in node.value]
    if node.id == "scalar":
        return _scalar(node)
    pairs: dict[str, Scalar] = {}
    for key, value in node.value:
        name = str(_scalar(key))
        if name in pairs:
            raise DataError(f"expected each key once, got {short_repr(name)} again")
        pairs[name] = _scalar(value)
    return pairs


def _scalar(node: Any) -> Scalar:
    if node.id != "scalar":
        kind = "list" if node.id == "sequence" else "mapping"
        raise DataError(f"expected text, got a {kind} within the value")
    if node.tag != TEXT:
        raise DataError(f"expected text, got {short_repr(node.value)} with the tag {short_repr(node.tag)}")
    if not is_unicode(node.value):
        raise DataError(f"expected text that UTF-8 can hold, got {short_repr(node.value)}")
    return None if node.style is None and node.value in NOTHING else node.value
