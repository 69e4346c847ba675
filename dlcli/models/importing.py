"""`dlcli models import`: an .onnx file that dlcli did not make gets its card, after the network was tried once."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dlcli.card import MAX_SIDE, ModelCard, write_card
from dlcli.errors import DataError, UsageError
from dlcli.models.decodings import BGR, NCHW, NHWC, RGB, SOFTMAX
from dlcli.models.outside_weights import refuse_outside_weights
from dlcli.models.store import PICKLES, bundled_models
from dlcli.models.user_folder import check_name, keep_model
from dlcli.signals import gone_at_stop

ZIP, PICKLE = b"PK\x03\x04", b"\x80"  # how torch's own files begin, new and old

Numbers = tuple[float, float, float]


@dataclass(frozen=True)
class ImportRequest:
    """What the user says of a network. mean, std: as in a card. "" and None: find out, or take the usual.

    input: (width, height). scores: one of models.decodings.CLASS_SCORES. decoding: one of BOX_KINDS.
    """

    file: Path
    name: str
    task: str
    labels: tuple[str, ...]
    mean: Numbers
    std: Numbers
    input: tuple[int, int] | None = None
    resize: str = ""
    crop: float = 1.0
    layout: str = ""
    channels: str = RGB
    scores: str = SOFTMAX
    decoding: str = ""
    output: str = ""
    license: str = ""


@dataclass(frozen=True)
class ProbedModel:
    """What a network is seen to take and give. output: the name and the shape of what counts."""

    input: tuple[int, int]
    layout: str
    output: str
    shape: tuple[int, ...]


class Use(Protocol):
    """How the task uses a network (`Task.network`). resize: of the card, unless given."""

    @property
    def resize(self) -> str: ...

    def decoding(self, wanted: ImportRequest, seen: ProbedModel) -> Mapping[str, Any]:
        """Of the card. UsageError: what the network gives does not fit."""


def import_model(wanted: ImportRequest, use: Use) -> Path:
    """Try the network, give it a card, copy it into the user's folder: the new file.

    UsageError: the name is taken or impossible, what is said does not fit the network, or the file is a pickle.
    DataError: ONNX Runtime cannot run it. MissingError, DlcliError: see user_folder.keep_model.
    """
    check_name(wanted.name)
    if wanted.name in bundled_models():
        raise UsageError(f"--name {wanted.name}: is the name of a bundled model, which would win; choose another")
    data = _read(wanted.file)
    return keep_model(wanted.name, write_card(data, card_for(wanted, look_at(wanted, data), use)))


def card_for(wanted: ImportRequest, seen: ProbedModel, use: Use) -> ModelCard:
    """The card of a network that was looked at. UsageError: what is said of it does not fit."""
    if not wanted.labels:
        raise UsageError(f"--labels: {wanted.file} needs the name of each class, such as cat,dog; got none")
    decoding: dict[str, Any] = {"output": seen.output, **use.decoding(wanted, seen)}
    if seen.layout != NCHW:
        decoding["layout"] = seen.layout
    if wanted.channels == BGR:
        decoding["channels"] = BGR
    try:
        return ModelCard(
            wanted.name,
            wanted.task,
            wanted.labels,
            seen.input,
            wanted.mean,
            wanted.std,
            wanted.resize or use.resize,
            crop=wanted.crop,
            decoding=decoding,
            license=wanted.license,
        )
    except ValueError as error:
        raise UsageError(f"{wanted.file}: no card can be made of what is given: {error}") from error


def look_at(wanted: ImportRequest, data: bytes) -> ProbedModel:
    """Run the network once on an empty image, in a folder of its own, where no second file with weights is found.

    UsageError: the input's size is needed, or is another. DataError: it cannot be run.
    """
    import numpy as np

    from dlcli.runtime.session import open_session

    with tempfile.TemporaryDirectory(prefix="dlcli-") as folder, gone_at_stop(lambda: folder):
        path = Path(folder, "model.onnx")
        path.write_bytes(data)
        try:
            session = open_session(path, 1)
            layout, size = _input(wanted, session.input_shape)
            shape = (1, 3, size[1], size[0]) if layout == NCHW else (1, size[1], size[0], 3)
            outputs = dict(zip(session.output_names, session.run(np.zeros(shape, np.float32)), strict=True))
        except DataError as error:
            raise DataError(str(error).replace(str(path), str(wanted.file))) from error
    name = wanted.output or next(iter(outputs))
    if name not in outputs:
        raise UsageError(f"--output {name}: expected one of {', '.join(outputs)}")
    values = outputs[name]
    if not isinstance(values, np.ndarray) or not np.issubdtype(values.dtype, np.floating):
        kind = values.dtype if isinstance(values, np.ndarray) else "no array"
        raise UsageError(
            f"{wanted.file}: expected the output {name} to be floats, got {kind}; name another by --output"
        )
    if not np.isfinite(values).all():
        raise DataError(f"{wanted.file}: its output {name} of an empty image holds NaN or infinity; export it again")
    return ProbedModel(size, layout, name, outputs[name].shape)


def _read(path: Path) -> bytes:
    if not os.path.lexists(path):
        raise UsageError(f"{path}: expected an .onnx file, got a path where there is none")
    if not path.is_file():  # opening a FIFO would wait for ever
        raise UsageError(f"{path}: expected an .onnx file, got a folder or a special file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: expected a readable model file, got: {error.strerror}") from error
    if path.suffix.lower() in PICKLES or data.startswith((ZIP, PICKLE)):
        raise UsageError(
            f"{path}: expected an .onnx file, got a pickle or an archive of one, which can run any code when it is "
            "read; export the network to ONNX where it was trained"
        )
    refuse_outside_weights(path)
    return data


def _input(wanted: ImportRequest, shape: tuple[int | None, ...]) -> tuple[str, tuple[int, int]]:
    """(layout, (width, height)) from the shape of the network's input, None where any size will do."""
    if len(shape) != 4:
        raise UsageError(f"{wanted.file}: expected a network that takes one image [1, 3, h, w], got {_shown(shape)}")
    layout = wanted.layout or (NHWC if shape[3] == 3 and shape[1] != 3 else NCHW)
    channels, *sides = (shape[1], shape[2], shape[3]) if layout == NCHW else (shape[3], shape[1], shape[2])
    if channels not in (3, None) or shape[0] not in (1, None):
        raise UsageError(f"{wanted.file}: expected one image of 3 channels as input ({layout}), got {_shown(shape)}")
    found = []
    for fixed, asked in zip(reversed(sides), wanted.input or (None, None), strict=True):
        if fixed is None and asked is None:
            raise UsageError(f"{wanted.file}: takes images of any size; say by --input WxH which to give it")
        if None not in (fixed, asked) and fixed != asked:
            raise UsageError(f"--input: {wanted.file} takes {sides[1]}x{sides[0]}; leave --input out")
        found.append(fixed or asked or 0)
    if max(found) > MAX_SIDE:
        raise UsageError(f"--input: expected sides of at most {MAX_SIDE} pixels, got {found[0]}x{found[1]}")
    return layout, (found[0], found[1])


def refuse_output(wanted: ImportRequest, seen: ProbedModel, expected: str) -> UsageError:
    """The output that counts is not what a task needs."""
    return UsageError(
        f"{wanted.file}: expected the output {seen.output} to be {expected}, got {list(seen.shape)}; "
        "check --labels, or name another by --output"
    )


def _shown(shape: tuple[int | None, ...]) -> str:
    return "[" + ", ".join("any" if side is None else str(side) for side in shape) + "]"
