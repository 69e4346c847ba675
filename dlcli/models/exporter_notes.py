"""What an exporter wrote of a network into its .onnx file: ultralytics' names, task and image size. Nothing is run."""

import ast
from collections.abc import Mapping

from dlcli.frozen import dataclass

MOST_TEXT = 1 << 20  # characters of a note that are read


@dataclass(frozen=True)
class ExporterNotes:
    """labels: in the order of their ids; () where the file does not tell. task: in ultralytics' word, or ""."""

    labels: tuple[str, ...] = ()
    task: str = ""


def read_notes(metadata: Mapping[str, str]) -> ExporterNotes:
    """metadata: key -> text, as ONNX keeps it. What cannot be understood counts as not told."""
    task = metadata.get("task", "") if "names" in metadata else ""
    return ExporterNotes(_labels(metadata.get("names", "")), task[:40])


def _labels(text: str) -> tuple[str, ...]:
    """ "{0: 'cat', 1: 'dog'}" or "['cat', 'dog']" -> ("cat", "dog")."""
    if not text or len(text) > MOST_TEXT:
        return ()
    try:
        names = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    if isinstance(names, dict) and sorted(names, key=str) == sorted(range(len(names)), key=str):
        names = [names[number] for number in range(len(names))]
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        return ()
    labels = tuple(name.strip().replace(",", " ") for name in names)
    return labels if len(set(labels)) == len(labels) else ()
