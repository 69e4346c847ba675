"""A set of boxes or masks numbered by a model's labels, where the user says which of its words means which label."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from dlcli.data.boxes import BoxTarget
from dlcli.data.dataset import Dataset, Item, Problem
from dlcli.data.masks import BACKGROUND, UNKNOWN, VOID, MaskTarget
from dlcli.errors import DataError
from dlcli.messages import listed, short_repr

NUMBERED = "class "  # how sets of masks without names call the value 1: "class 1"


def renumbered(data: Dataset[Any], labels: tuple[str, ...], aliases: Mapping[str, str]) -> Dataset[Any]:
    """The set, read by its own labels, by those of a model.

    aliases: the set's word, or of masks without names a value, to the label. An image with an object whose class is
    none of the model's becomes a Problem. DataError: a word that the set does not have, or a label that the model
    lacks.
    """
    own = list(data.labels)
    for word, label in aliases.items():
        if label not in labels:
            raise DataError(f"--map: {short_repr(label)} is no label of the model; it knows {listed(labels)}")
        if word not in own and NUMBERED + word not in own and word != "0":
            raise DataError(f"--map: {short_repr(word)} is no class of {data.source}; it has {listed(own)}")
    numbers = [_number(name, labels, aliases) for name in own]
    items, problems = [], list(data.problems)
    for item in data.items:
        try:
            items.append(replace(item, target=_target(item, own, numbers, labels)))
        except DataError as error:
            problems.append(Problem(item.path, str(error)))
    return replace(data, labels=labels, items=tuple(items), problems=tuple(problems), category_ids={})


def _number(name: str, labels: tuple[str, ...], aliases: Mapping[str, str]) -> int:
    word = aliases.get(name) or aliases.get(name.removeprefix(NUMBERED)) or name
    if name == BACKGROUND and "0" in aliases:
        word = aliases["0"]
    return labels.index(word) if word in labels else UNKNOWN


def _target(item: Item[Any], own: list[str], numbers: list[int], labels: tuple[str, ...]) -> Any:
    target = item.target
    if isinstance(target, BoxTarget):
        ids = np.array([numbers[class_id] for class_id in target.class_ids], np.int64)
        _refuse(own, [int(class_id) for class_id in target.class_ids[ids == UNKNOWN]], labels)
        return replace(target, class_ids=ids)
    assert isinstance(target, MaskTarget)
    if target.values is not None:
        ids_of_values = tuple(numbers[i] if 0 <= i < VOID else i for i in target.values.class_ids)
        return replace(target, values=replace(target.values, class_ids=ids_of_values))
    assert isinstance(target.mask, tuple)
    used = [region.class_id for region in target.mask if region.class_id != VOID]
    _refuse(own, [class_id for class_id in used if numbers[class_id] == UNKNOWN], labels)
    return replace(
        target,
        mask=tuple(
            replace(region, class_id=VOID if region.class_id == VOID else numbers[region.class_id])
            for region in target.mask
        ),
    )


def _refuse(own: list[str], unknown: list[int], labels: tuple[str, ...]) -> None:
    if unknown:
        names = dict.fromkeys(own[class_id] for class_id in unknown)
        raise DataError(f"unknown class {listed(names)}; known: {listed(labels)}")
