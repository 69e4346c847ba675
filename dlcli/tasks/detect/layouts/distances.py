"""NanoDet-Plus and PicoDet: each side of a box as a distribution of distances (arXiv:2006.04388)."""

import numpy as np

from dlcli.ops.boxes import Floats
from dlcli.tasks.detect.layouts.cells import cells, count, strides_of
from dlcli.tasks.detect.layouts.layout import (
    IMAGENET,
    Dense,
    Layout,
    Network,
    Outputs,
    Usual,
    are_scores,
    only,
    softmax,
)

BLUE_FIRST = Usual(IMAGENET.mean, IMAGENET.std, "stretch", "bgr")
BINS = range(8, 34)  # values of a distribution
LEVELS = {3: (8, 16, 32), 4: (8, 16, 32, 64)}


def nanodet(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """[1, cells, classes + 4 * bins]: scores, then the distributions of left, top, right, bottom."""
    found = only(outputs, 1, None, None)
    if found is None or len(outputs) != 1:
        return None
    rows = outputs[found[0]][0]
    bins, rest = divmod(rows.shape[1] - network.classes, 4)
    fits = not rest and bins in BINS and strides_of(len(rows), network.size) is not None
    return found if fits and are_scores(rows[:, : network.classes]) else None


def decode_nanodet(rows: Floats, network: Network) -> Dense:
    """Boxes reach out from the upper left corner of their cell."""
    rows = rows[0]
    strides = strides_of(len(rows), network.size) or (8, 16, 32, 64)
    return Dense(_boxes(rows[:, network.classes :], network, strides, 0.0), rows[:, : network.classes])


def picodet(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """A pair for each stride: scores [1, n, classes] and distributions [1, n, 4 * bins], n cells; all scores first."""
    strides = LEVELS.get(len(outputs) // 2)
    if len(outputs) % 2 or strides is None:
        return None
    listed = list(outputs)
    scores, sides = _by_size(outputs, listed[: len(strides)]), _by_size(outputs, listed[len(strides) :])
    for stride, score, side in zip(strides, scores, sides, strict=True):
        n = count(network.size, (stride,))
        bins, rest = divmod(outputs[side].shape[-1], 4)
        if outputs[score].shape != (1, n, network.classes) or outputs[side].shape != (1, n, 4 * bins):
            return None
        if rest or bins not in BINS or not are_scores(outputs[score]):
            return None
    return (*scores, *sides)


def _by_size(outputs: Outputs, names: list[str]) -> list[str]:
    """The finest level first."""
    return sorted(names, key=lambda name: -outputs[name].size)


def decode_picodet(*outputs_and_network: "np.ndarray | Network") -> Dense:
    """Scores of each level, distributions of each level, then the network. Boxes reach out from their cell's center."""
    *outputs, network = outputs_and_network
    assert isinstance(network, Network)
    half = len(outputs) // 2
    scores, sides = (np.concatenate([values[0] for values in part]) for part in (outputs[:half], outputs[half:]))  # type: ignore[index]
    return Dense(_boxes(sides, network, LEVELS[half], 0.5), scores)


def _boxes(sides: Floats, network: Network, strides: tuple[int, ...], shift: float) -> Floats:
    """xyxy [N, 4] from distributions [N, 4 * bins], whose means are distances in strides."""
    places, sizes = cells(network.size, strides)
    points = (places + shift) * sizes
    shares = softmax(sides.reshape(len(sides), 4, -1))
    reach = (shares * np.arange(shares.shape[-1], dtype=np.float32)).sum(-1) * sizes
    return np.concatenate([points - reach[:, :2], points + reach[:, 2:]], 1).astype(np.float32)


NANODET = Layout("nanodet", "NanoDet-Plus: [1, cells, classes + 4 * bins]", nanodet, decode_nanodet, usual=BLUE_FIRST)
PICODET = Layout(
    "picodet", "PicoDet: scores and distributions of each of 3 or 4 strides", picodet, decode_picodet, usual=IMAGENET
)
LAYOUTS = (NANODET, PICODET)
