"""The segmenter in torch, for `--runtime torch`: a run's best weights, or exported ones. Imports torch when called."""

from pathlib import Path

from dlcli.card import ModelCard
from dlcli.errors import MissingError
from dlcli.tasks.detect.torch_predict import INSTALL, card_and_weights
from dlcli.tasks.segment.predict import Forward


def load_torch_forward(weights: Path, threads: int | None = None, device: str = "auto") -> tuple[ModelCard, Forward]:
    """The card and the network of `weights`: a .safetensors file with a card in its metadata, or a run's folder.

    threads: of each call; None: torch's own choice. device: "cpu", "cuda", or "auto" for CUDA where there is one.
    The function takes float32 [1, 3, h, w] and gives logits float32 [classes, h / stride, w / stride].
    MissingError: torch is not installed, or there are no weights. DataError: they do not fit the card.
    """
    try:
        import torch

        from dlcli.nets.build_segmenter import build_segmenter, segmenter_forward
        from dlcli.nets.weights import load_weights
    except ImportError as error:
        raise MissingError(f"--runtime torch needs {error.name}, not installed here; run: {INSTALL}") from None
    if threads is not None:
        torch.set_num_threads(threads)
    card, file = card_and_weights(weights)
    net = build_segmenter(card)
    load_weights(file, net)
    cuda = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    return card, segmenter_forward(net.to("cuda" if cuda else "cpu"))
