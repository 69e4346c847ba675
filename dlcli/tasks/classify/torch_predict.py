"""The classifier in torch, for `--runtime torch`: a run's best weights, or exported ones. Imports torch when called."""

from pathlib import Path

from dlcli.card import ModelCard
from dlcli.errors import MissingError, UsageError
from dlcli.tasks.classify.predict import Forward
from dlcli.tasks.detect.torch_predict import INSTALL, card_and_weights


def load_torch_forward(weights: Path, threads: int | None = None, device: str = "auto") -> tuple[ModelCard, Forward]:
    """The card and the network of `weights`: a .safetensors file with a card in its metadata, or a run's folder.

    threads: of each call; None: torch's own choice. device: "cpu", "cuda", or "auto" for CUDA where there is one.
    The function takes float32 [1, 3, h, w] and gives logits float32 [classes]. MissingError: torch is not installed,
    or there are no weights. UsageError: for another task. DataError: they do not fit the card.
    """
    try:
        import torch

        from dlcli.nets.build_classifier import build_classifier, torch_class_forward
        from dlcli.nets.weights import load_weights
    except ImportError as error:
        raise MissingError(f"--runtime torch needs {error.name}, not installed here; run: {INSTALL}") from None
    if threads is not None:
        torch.set_num_threads(threads)
    card, file = card_and_weights(weights)
    if card.task != "classify":
        raise UsageError(f"{weights}: expected a model for classify, got one for {card.task}")
    net = build_classifier(card)
    load_weights(file, net)
    cuda = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    return card, torch_class_forward(net.to("cuda" if cuda else "cpu"))
