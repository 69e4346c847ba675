"""Opens the network of a task in the runtime that is asked for: ONNX Runtime, OpenVINO or torch."""

from pathlib import Path
from typing import Any

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.models.checksums import short_id
from dlcli.models.decodings import BGR, NCHW, NHWC, RGB
from dlcli.models.store import checked_digest, find_model
from dlcli.runtime.session import Opened, open_session
from dlcli.tasks.network_fit import Fit
from dlcli.tasks.network_use import NetworkUse
from dlcli.tasks.registry import find_task
from dlcli.tasks.runtimes import resolve


@dataclass(frozen=True)
class Network:
    """forward: float32 [1, 3, h, w] -> what the network says of one image. model: as records name it."""

    card: ModelCard
    forward: Any
    model: str


def open_network(options: Any, task: str, outputs: tuple[str, ...], threads: int, workers: int) -> Network:
    """options: a tasks.options.ModelOptions with a `model`. outputs: see forward_of.

    MissingError: there is no such model, or not for this runtime. UsageError, DataError: it is not for this task.
    """
    runtime, path = resolve(options, task)
    use = find_task(task).network or NetworkUse()
    if runtime == "torchvision":
        from dlcli.tasks.torch_predict import load_registered

        card, forward, weights = load_registered(options, task, threads)
        model = short_id(options.model, checked_digest(weights))
        return Network(card, _fit(card, options.model, use).checked(forward), model)
    if runtime == "torch":
        from dlcli.tasks.torch_predict import load_torch_forward

        digest = checked_digest(path) if path.is_file() else ""
        card, forward = load_torch_forward(path, task, threads, options.device)
        model = short_id(card.name, digest) if digest else card.name
        return Network(card, _fit(card, str(path), use).checked(forward), model)
    if runtime == "openvino":
        return _in_openvino(options, task, outputs, threads, workers)
    found = find_model(options.model, task)
    fit, names = _fit(found.card, str(found.path), use), outputs_of(found.card, outputs)
    session = open_session(found.path, threads, options.device, workers, digest=found.digest)
    forward = forward_of(session, found.path, names, fit)
    return Network(found.card, fit.checked(taking_its_way(found.card, forward)), found.id)


def _in_openvino(options: Any, task: str, outputs: tuple[str, ...], threads: int, workers: int) -> Network:
    from dlcli.runtime.openvino_session import MARK, open_in_openvino

    found = find_model(options.model, task)
    fit = _fit(found.card, str(found.path), find_task(task).network or NetworkUse())
    session = open_in_openvino(found.path, threads, workers)
    forward = forward_of(session, found.path, outputs_of(found.card, outputs), fit)
    return Network(found.card, fit.checked(taking_its_way(found.card, forward)), found.id + MARK)


def _fit(card: ModelCard, file: str, use: NetworkUse) -> Fit:
    """DataError: what the card says of the network, by itself, cannot be."""
    fit = Fit(card, file, use)
    fit.check_card()
    return fit


def outputs_of(card: ModelCard, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the outputs that count: of a network that was imported those in its card."""
    if "outputs" in card.decoding:
        return tuple(map(str, card.decoding["outputs"]))
    return (str(card.decoding["output"]),) if "output" in card.decoding else usual


def taking_its_way(card: ModelCard, forward: Any) -> Any:
    """`forward` of a network that may want its input otherwise, as one that takes float32 [1, 3, h, w] in RGB."""
    blue_first = card.decoding.get("channels", RGB) == BGR
    channels_last = card.decoding.get("layout", NCHW) == NHWC
    if not blue_first and not channels_last:
        return forward

    def turned(tensor: Any) -> Any:
        tensor = tensor[:, ::-1] if blue_first else tensor
        tensor = tensor.transpose(0, 2, 3, 1) if channels_last else tensor
        return forward(tensor.copy(order="C"))

    return turned


def onnx_forward(path: Path, outputs: tuple[str, ...], threads: int, workers: int) -> Any:
    """`forward_of` a file that is opened for it."""
    return forward_of(open_session(path, threads, workers=workers), path, outputs)


def forward_of(session: Opened, path: Path, outputs: tuple[str, ...], fit: Fit | None = None) -> Any:
    """The network as a function: float32 [1, 3, h, w] -> its one named output, or a tuple of several, of the image.

    path: its file, for messages.
    With a card that names "outputs", a tuple of those as the network gives them: not all have an axis for the image.

    DataError: it has no outputs of these names, or does not fit the card of `fit`.
    """
    names = session.output_names
    if not set(outputs) <= set(names):
        raise DataError(f"{path}: expected its outputs to be {' and '.join(outputs)}, got {', '.join(names)}")
    if fit is not None:
        fit.check_declared(session, outputs)
    places = [names.index(name) for name in outputs]
    as_given = fit is not None and "outputs" in fit.card.decoding

    def forward(tensor: Any) -> Any:
        given = session.run(tensor)
        if as_given:
            return tuple(given[place] for place in places)
        found = [_of_the_image(given[place], path) for place in places]
        return found[0] if len(found) == 1 else tuple(found)

    return forward


def _of_the_image(output: Any, path: Path) -> Any:
    """An output without the axis of the batch, which is of one image. DataError: it is not."""
    shape = getattr(output, "shape", ())
    if not shape or shape[0] != 1:
        raise DataError(f"{path}: expected outputs of one image, [1, ...], got {list(shape) or 'no array'}")
    return output[0]
