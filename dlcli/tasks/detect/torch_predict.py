"""The detector in torch, for `--runtime torch`: a run's best weights, or exported ones. Imports torch when called."""

from pathlib import Path

from dlcli.card import ModelCard
from dlcli.errors import DataError, MissingError
from dlcli.models.run_folder import CONFIG, read_run
from dlcli.tasks.detect.predict import Forward

INSTALL = "pip install 'dlcli[train]'"


def load_torch_forward(weights: Path, threads: int | None = None, device: str = "auto") -> tuple[ModelCard, Forward]:
    """The card and the network of `weights`: a .safetensors file with a card in its metadata, or a run's folder.

    threads: of each call; None: torch's own choice. device: "cpu", "cuda", or "auto" for CUDA where there is one.

    The function takes float32 [1, 3, h, w] and gives logits [A, classes] and offsets [A, 4], both float32.
    MissingError: torch is not installed, or the run has no weights yet. DataError: the file cannot be used.
    """
    try:
        import torch

        from dlcli.nets.build import build_detector, torch_forward
        from dlcli.nets.weights import load_weights
    except ImportError as error:
        raise MissingError(f"--runtime torch needs {error.name}, not installed here; run: {INSTALL}") from None
    if threads is not None:
        torch.set_num_threads(threads)
    card, file = card_and_weights(weights)
    net = build_detector(card)
    load_weights(file, net)
    cuda = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    return card, torch_forward(net.to("cuda" if cuda else "cpu"))


def card_and_weights(weights: Path) -> tuple[ModelCard, Path]:
    """The card that goes with a run's folder or a .safetensors file, and the file; errors as above."""
    if weights.is_dir():
        run = read_run(weights)
        return run.card, run.weights
    from dlcli.nets.weights import read_weights_card

    card = read_weights_card(weights)
    if card is None and (weights.parent / CONFIG).is_file():
        card = read_run(weights.parent).card
    if card is None:
        raise DataError(f"{weights}: expected weights with a dlcli card, got a file without; name a run's folder")
    return card, weights
