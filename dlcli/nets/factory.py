"""From a detector's card to the network that it describes."""

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.fast_rcnn import POOLS, FastRcnn
from dlcli.ops.anchors import grid_of

MOST_PROPOSALS = 100_000
SECOND_STAGE = "second_stage"  # a card's decoding has it where the network is a Fast R-CNN


def build_detector(card: ModelCard) -> AnchorDetector:
    """The network of a detector's card, in its random start: AnchorDetector, or FastRcnn where there is a second stage.

    A Fast R-CNN's card holds {"second_stage": {"pool": "align" or "max", "proposals": 200}} in `decoding`; it has no
    ONNX form. DataError: a kind of pooling that this version does not know.
    """
    grid = grid_of(card)
    second = card.decoding.get(SECOND_STAGE)
    if second is None:
        return AnchorDetector(len(card.labels), grid.per_cell)
    if not isinstance(second, dict) or second.get("pool") not in POOLS:
        pool = second.get("pool") if isinstance(second, dict) else second
        raise DataError(f"{card.name}: expected pooling by {' or '.join(POOLS)}, got {str(pool)[:60]}")
    if type(second.get("proposals")) is not int or not 0 < second["proposals"] <= MOST_PROPOSALS:
        raise DataError(f"{card.name}: expected 1 to {MOST_PROPOSALS} proposals, got {str(second)[:60]}")
    return FastRcnn(len(card.labels), grid, second["pool"], second["proposals"])
