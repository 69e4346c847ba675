"""A network in torch, for `--runtime torch`: a run's best weights, or exported ones. Imports torch when called."""

from pathlib import Path
from typing import Any

from dlcli.card import ModelCard
from dlcli.distribution import install_command
from dlcli.errors import DataError, MissingError, UsageError
from dlcli.models.run_folder import CONFIG, read_run
from dlcli.runtime.deadline import check
from dlcli.stopwatch import Stage, stage
from dlcli.tasks.network_use import NetworkUse
from dlcli.tasks.registry import all_tasks, find_task, import_name


def load_torch_forward(
    weights: Path, task: str, threads: int | None = None, device: str = "auto"
) -> tuple[ModelCard, Any]:
    """The card and the network of `weights`: a .safetensors file with a card in its metadata, or a run's folder.

    threads: of each call; None: torch's own choice. device: "cpu", "cuda", or "auto" for CUDA where there is one.
    The function is the task's `Forward` (tasks/*/predictor.py). MissingError: torch is not installed, or the run has no
    weights yet. UsageError: a network for another task. DataError: the file cannot be used.
    """
    try:
        import torch

        from dlcli.nets.forward import torch_forward
        from dlcli.nets.weights import load_weights
    except ImportError as error:
        raise MissingError(
            f"--runtime torch needs {error.name}, not installed here; run: {install_command('train')}"
        ) from None
    if threads is not None:
        torch.set_num_threads(threads)
    card, file = card_and_weights(weights)
    if card.task != task:
        raise UsageError(f"{weights}: expected a model for {task}, got one for {card.task}")
    net = new_network(card, weights)
    load_weights(file, net)
    cuda = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    return card, on_the_clock(torch_forward(net.to("cuda" if cuda else "cpu")))


def new_network(card: ModelCard, place: Path) -> Any:
    """The network of a card in torch, in its random start. UsageError, which names `place`: its task has none."""
    use = _use(card.task)
    if not use.build:
        raise UsageError(f"{place}: dlcli {card.task} has no network in torch; give an .onnx file")
    return import_name(use.build)(card)


def _use(task: str) -> NetworkUse:
    return find_task(task).network or NetworkUse()


def load_registered(options: Any, task: str, threads: int) -> tuple[ModelCard, Any, Path]:
    """The card, the network (as above) and the weights' file of `options.model`, a name such as torchvision/resnet18.

    options: a tasks.options.ModelOptions; those of detect have conf and iou, which the network's own last step takes.
    MissingError: torch is not installed, or the weights are not in torch's cache; it names the command that gets them.
    UsageError: no such network, or one for another task. DataError: the file cannot be used.
    """
    try:
        import torch
        import torchvision  # noqa: F401

        from dlcli.nets.torchvision.models import card_of, limit_detector, load_network, registered, registered_forward
    except ImportError as error:
        raise MissingError(
            f"{options.model} needs {error.name}, not installed here; run: {install_command('train')}"
        ) from None
    network = registered(options.model)
    use = find_task(task).network
    if use is None or network.kind != use.torchvision:
        kinds = {other.network.torchvision: name for name, other in all_tasks().items() if other.network}
        raise UsageError(f"--model {options.model}: expected a model for {task}, got one for {kinds[network.kind]}")
    torch.set_num_threads(threads)
    net = load_network(network)
    limits = use.own_limits(options)
    if limits is not None:
        limit_detector(net, *limits)
    cuda = options.device == "cuda" or (options.device == "auto" and torch.cuda.is_available())
    return card_of(network, task), on_the_clock(registered_forward(network, net, cuda)), network.path


def on_the_clock(forward: Any) -> Any:
    """`forward` that ends an image whose time is over, before it starts or after: torch cannot be stopped within."""

    def timed(tensor: Any) -> Any:
        check("before the network ran", stopped=True)
        with stage(Stage.NETWORK):
            found = forward(tensor)
        check("while the network ran")
        return found

    return timed


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
