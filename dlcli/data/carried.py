"""What a file says of a set, an image or an object beyond what dlcli uses, kept for conversions."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from dlcli.frozen import dataclass


@dataclass(frozen=True)
class Carried:
    """format: of the file that it stands in, whose writer puts it back. values: as that file's reader found them.

    Other formats have no place for it: conversion/dropped_fields.py counts it as lost.
    kept: the same of the format that the set was in before, by format, as ids.json has it.
    """

    format: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def values_for(format_: str, carried: Carried | None) -> Mapping[str, Any]:
    """What goes back into a file of the format; empty where nothing that is carried came from one."""
    if carried is None:
        return {}
    return carried.values if carried.format == format_ else carried.kept.get(format_, {})


def with_kept(carried: Carried | None, format_: str, values: Mapping[str, Any]) -> Carried:
    """The same, with what the format had in it once."""
    return replace(carried or Carried(), kept={format_: values})
