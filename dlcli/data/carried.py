"""What a file says of a set, an image or an object beyond what dlcli uses, kept for conversions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Carried:
    """format: of the file that it stands in, whose writer puts it back. values: as that file's reader found them.

    Other formats have no place for it: conversion/dropped.py counts it as lost.
    """

    format: str
    values: Mapping[str, Any] = field(default_factory=dict)


def values_for(format_: str, carried: Carried | None) -> Mapping[str, Any]:
    """What goes back into a file of the format; empty where the values came from another."""
    return carried.values if carried is not None and carried.format == format_ else {}
