"""For each task that has a network: what builds it from its card, and what makes it the predictor's function."""

from collections.abc import Callable
from typing import Any

from dlcli.card import ModelCard
from dlcli.nets.build_classifier import build_classifier, torch_class_forward
from dlcli.nets.build_segmenter import build_segmenter, segmenter_forward
from dlcli.nets.factory import build_detector, torch_forward

BUILDERS: dict[str, tuple[Callable[[ModelCard], Any], Callable[[Any], Any]]] = {
    "detect": (build_detector, torch_forward),
    "classify": (build_classifier, torch_class_forward),
    "segment": (build_segmenter, segmenter_forward),
}
