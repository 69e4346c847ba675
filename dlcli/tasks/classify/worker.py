"""The loaded classifier: opens the model in the runtime asked for, predicts, and sorts."""

from pathlib import Path
from typing import Any

import numpy as np

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.imaging.geometry import Placement
from dlcli.models.digest import file_digest, short_id
from dlcli.models.store import find_model
from dlcli.records import Source
from dlcli.runtime.session import open_session
from dlcli.tasks.classify.predict import Classifier, Forward, best, rounded_to_one
from dlcli.tasks.classify.result import Classes
from dlcli.tasks.classify.sort import Sorter
from dlcli.tasks.classify.task import ClassifyOptions
from dlcli.tasks.contract import PredictorDefaults
from dlcli.tasks.labels import chosen_classes
from dlcli.tasks.runtimes import resolve

MULTI_LABEL_THRESHOLD = 0.5


def load(options: ClassifyOptions, threads: int, workers: int) -> "ClassifyWorker":
    """Open the model. UsageError for a class it does not know, MissingError where there is no such model."""
    runtime, path = resolve(options, "classify")
    if runtime == "torch":
        from dlcli.tasks.classify.torch_predict import load_torch_forward

        card, forward = load_torch_forward(path, threads, options.device)
        model = short_id(card.name, file_digest(path)) if path.is_file() else card.name
        return ClassifyWorker(options, card, forward, model)
    found = find_model(options.model, "classify")
    return ClassifyWorker(options, found.card, onnx_forward(found.path, threads, workers, options.device), found.id)


def onnx_forward(path: Path, threads: int, workers: int, device: str = "auto") -> Forward:
    """The network in ONNX Runtime, as the predictor calls it."""
    session = open_session(path, threads, device, workers)
    if "logits" not in session.output_names:
        raise DataError(f"{path}: expected the output logits, got {', '.join(session.output_names)}")
    place = session.output_names.index("logits")
    return lambda tensor: session.run(tensor)[place][0]


class ClassifyWorker(PredictorDefaults):
    """See tasks.contract.Predictor."""

    def __init__(self, options: ClassifyOptions, card: ModelCard, forward: Forward, model: str):
        chosen = chosen_classes(card.labels, options.classes, options.exclude_classes)
        self.classifier = Classifier(card, forward, None if chosen is None else np.array(chosen))
        self.options, self.card = options, card
        usual = MULTI_LABEL_THRESHOLD if self.classifier.multi_label else 0.0
        self.threshold = usual if options.threshold is None else options.threshold
        self.sorter = Sorter(options, card.labels) if options.sort_into else None
        self.model, self.pre = model, card.pre

    def predict(self, pixels: "np.ndarray", placement: Placement | None) -> Classes:
        scores = self.classifier(pixels)
        found = best(scores, self.options.top, self.threshold)
        told = scores if self.classifier.multi_label else rounded_to_one(scores)
        return Classes(found, told[found], self.card.labels, self.classifier.multi_label)

    def settle(self, source: Source, result: Classes) -> dict[str, Any]:
        if self.sorter is None:
            return {}
        number = int(result.class_ids[0]) if len(result.class_ids) else None
        return {"sorted_to": self.sorter.put(source, number)}
