"""`dlcli models import`: an .onnx file that dlcli did not make gets its card, after the network was tried once."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dlcli.card import MAX_SIDE, ModelCard, refuse_pointers, write_card
from dlcli.errors import DataError, UsageError
from dlcli.frozen import dataclass
from dlcli.models.decodings import BGR, NCHW, NHWC, RGB, SOFTMAX
from dlcli.models.exporter_notes import ExporterNotes, read_notes
from dlcli.models.outside_weights import refuse_outside_weights
from dlcli.models.store import PICKLES, bundled_models
from dlcli.models.user_folder import check_name, keep_model
from dlcli.signals import gone_at_stop

if TYPE_CHECKING:
    import numpy as np

ZIP, PICKLE = b"PK\x03\x04", b"\x80"  # how torch's own files begin, new and old

Numbers = tuple[float, float, float]


@dataclass(frozen=True)
class ImportRequest:
    """What the user says of a network. mean, std: as in a card. "", () and None: find out, or take the usual.

    input: (width, height). scores: one of models.decodings.CLASS_SCORES. decoding: a name of the task's layouts.
    """

    file: Path
    name: str
    task: str
    labels: tuple[str, ...] = ()
    mean: Numbers | None = None
    std: Numbers | None = None
    input: tuple[int, int] | None = None
    resize: str = ""
    crop: float = 1.0
    layout: str = ""
    channels: str = ""
    scores: str = SOFTMAX
    decoding: str = ""
    output: str = ""
    license: str = ""


@dataclass(frozen=True)
class ProbedModel:
    """What a network is seen to take and give.

    layout: of its input. outputs: by name, each as the network gave it for an image of random patches.
    """

    input: tuple[int, int]
    layout: str
    outputs: Mapping[str, "np.ndarray"]
    notes: ExporterNotes = field(default_factory=ExporterNotes)


class Use(Protocol):
    """How the task uses a network (`Task.network`). resize: of the card, unless given. ultralytics: its word for it."""

    @property
    def resize(self) -> str: ...

    @property
    def ultralytics(self) -> str: ...

    def decoding(self, wanted: ImportRequest, seen: ProbedModel) -> Mapping[str, Any]:
        """Of the card. UsageError: what the network gives does not fit."""

    def usual_input(self, decoding: Mapping[str, Any]) -> Mapping[str, Any]:
        """mean, std, resize and channels of networks with such a decoding, as far as they are known."""


def import_model(wanted: ImportRequest, uses: Mapping[str, Use]) -> "Imported":
    """Try the network, give it a card, copy it into the user's folder.

    uses: how the tasks use a network, by their names.
    UsageError: the name is taken or impossible, what is said does not fit the network, or the file is a pickle.
    DataError: ONNX Runtime cannot run it. MissingError, DlcliError: see user_folder.keep_model.
    """
    check_name(wanted.name)
    if wanted.name in bundled_models():
        raise UsageError(f"--name {wanted.name}: is the name of a bundled model, which would win; choose another")
    data = _read(wanted.file)
    seen = look_at(wanted, data)
    wanted = with_notes(wanted, seen.notes, {use.ultralytics: task for task, use in uses.items()})
    card = card_for(wanted, seen, uses[wanted.task])
    return Imported(keep_model(wanted.name, write_card(data, card)), card)


@dataclass(frozen=True)
class Imported:
    path: Path
    card: ModelCard


def with_notes(wanted: ImportRequest, notes: ExporterNotes, tasks: Mapping[str, str]) -> ImportRequest:
    """The request with what the file tells where the user says nothing. tasks: ultralytics' word -> ours.

    UsageError: both differ, or nobody tells.
    """
    if notes.task and notes.task not in tasks:
        raise UsageError(
            f"{wanted.file}: its file says that it is for {notes.task!r}, which dlcli does not read; "
            f"expected a network for {' or '.join(filter(None, tasks))}"
        )
    if not (wanted.task or notes.task):
        raise UsageError(f"--task: {wanted.file} does not say what it is for; expected {', '.join(tasks.values())}")
    if wanted.labels and notes.labels and len(wanted.labels) != len(notes.labels):
        raise UsageError(
            f"--labels: names {len(wanted.labels)}, but {wanted.file} has {len(notes.labels)} in its file: "
            f"{', '.join(notes.labels)[:200]}; leave --labels out, or name as many"
        )
    labels = wanted.labels or notes.labels
    if not labels:
        raise UsageError(f"--labels: {wanted.file} needs the name of each class, such as cat,dog; got none")
    return replace(wanted, task=wanted.task or tasks[notes.task], labels=labels)


def card_for(wanted: ImportRequest, seen: ProbedModel, use: Use) -> ModelCard:
    """The card of a network that was looked at. UsageError: what is said of it does not fit."""
    decoding: dict[str, Any] = dict(use.decoding(wanted, seen))
    usual = use.usual_input(decoding)
    if seen.layout != NCHW:
        decoding["layout"] = seen.layout
    if (wanted.channels or usual.get("channels", RGB)) == BGR:
        decoding["channels"] = BGR
    mean, std = wanted.mean or usual.get("mean"), wanted.std or usual.get("std")
    if mean is None or std is None:
        raise UsageError(f"{'--mean' if mean is None else '--std'}: {wanted.file} does not tell; see --help")
    try:
        return ModelCard(
            wanted.name,
            wanted.task,
            wanted.labels,
            seen.input,
            mean,
            std,
            wanted.resize or usual.get("resize", use.resize),
            crop=wanted.crop,
            decoding=decoding,
            license=wanted.license,
        )
    except ValueError as error:
        raise UsageError(f"{wanted.file}: no card can be made of what is given: {error}") from error


def look_at(wanted: ImportRequest, data: bytes) -> ProbedModel:
    """Run the network once, in a folder of its own, where no second file with weights is found.

    UsageError: the input's size is needed, or is another. DataError: it cannot be run.
    """
    from dlcli.runtime.session import open_session

    with tempfile.TemporaryDirectory(prefix="dlcli-") as folder, gone_at_stop(lambda: folder):
        path = Path(folder, "model.onnx")
        path.write_bytes(data)
        try:
            session = open_session(path, 1)
            layout, size = _input(wanted, session.input_shape)
            given = session.run(_patches(wanted, layout, size))
        except DataError as error:
            raise DataError(str(error).replace(str(path), str(wanted.file))) from error
    outputs = dict(zip(session.output_names, given, strict=True))
    return ProbedModel(size, layout, outputs, read_notes(session.metadata))


def _patches(wanted: ImportRequest, layout: str, size: tuple[int, int]) -> "np.ndarray":
    """An image of random patches as the network takes it: float32 [1, 3, h, w], or [1, h, w, 3]."""
    import numpy as np

    width, height = size
    coarse = np.random.default_rng(0).integers(0, 256, (-(-height // 16), -(-width // 16), 3)).astype(np.float32)
    pixels = coarse.repeat(16, 0).repeat(16, 1)[:height, :width]
    mean, std = (np.array(value, np.float32) for value in (wanted.mean or (0, 0, 0), wanted.std or (255, 255, 255)))
    pixels -= np.nan_to_num(mean)  # the card will refuse such numbers
    pixels /= np.where(std > 0, std, 1)
    return np.ascontiguousarray(pixels[None] if layout == NHWC else pixels.transpose(2, 0, 1)[None])


def output_that_counts(wanted: ImportRequest, seen: ProbedModel) -> tuple[str, "np.ndarray"]:
    """Of a network with one: the first, or the one that --output names. UsageError: there is none. DataError: it holds
    no numbers."""
    import numpy as np

    name = wanted.output or next(iter(seen.outputs))
    if name not in seen.outputs:
        raise UsageError(f"--output {name}: expected one of {', '.join(seen.outputs)}")
    values = seen.outputs[name]
    if not isinstance(values, np.ndarray) or not np.issubdtype(values.dtype, np.floating):
        kind = values.dtype if isinstance(values, np.ndarray) else "no array"
        raise UsageError(
            f"{wanted.file}: expected the output {name} to be floats, got {kind}; name another by --output"
        )
    if not np.isfinite(values).all():
        raise DataError(f"{wanted.file}: its output {name} of a small image holds NaN or infinity; export it again")
    return name, values


def _read(path: Path) -> bytes:
    if not os.path.lexists(path):
        raise UsageError(f"{path}: expected an .onnx file, got a path where there is none")
    if not path.is_file():  # opening a FIFO would wait for ever
        raise UsageError(f"{path}: expected an .onnx file, got a folder or a special file")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: expected a readable model file, got: {error.strerror}") from error
    refuse_pointers(data[:64], path)
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


def refuse_output(wanted: ImportRequest, name: str, shape: tuple[int, ...], expected: str) -> UsageError:
    """The output that counts is not what a task needs."""
    return UsageError(
        f"{wanted.file}: expected the output {name} to be {expected}, got {list(shape)}; "
        "check --labels, or name another by --output"
    )


def _shown(shape: tuple[int | None, ...]) -> str:
    return "[" + ", ".join("any" if side is None else str(side) for side in shape) + "]"
