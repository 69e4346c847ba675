"""What a task must offer: a Task, its Predictor, the Result of an image; base classes that answer as most tasks do.

tests/contracts runs every task that the registry finds through it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from dlcli.frozen import dataclass
from dlcli.tasks.answers import Answers, together
from dlcli.tasks.groups import Groups
from dlcli.tasks.memory import MemoryModel
from dlcli.tasks.network_use import NetworkUse

if TYPE_CHECKING:
    import numpy as np

    from dlcli.console import Console
    from dlcli.imaging.geometry import Placement
    from dlcli.records import DecodedImage, Source

SHOWN_SCORE = 4  # decimals of scores in records
SHOWN_PIXEL = 2  # decimals of coordinates
Output = tuple[PurePosixPath, bytes]  # the path below --out


class Result:
    """What a task found in one image. People see its classes or detections, and it has no files, unless it says so."""

    def fields(self) -> dict[str, Any]:
        """The task's part of the record, JSON values in a fixed order."""
        raise NotImplementedError

    def line(self) -> str:
        """The same for people, in one line without the image's name."""
        return together(Answers().predictions(self.fields())) or "nothing"

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Column titles and rows: what a person sees of a single image."""
        found = Answers().predictions(self.fields())
        return ["label", "value"], [[item.label, item.shown_value()] for item in found]

    def outputs(self, image: "DecodedImage", place: PurePosixPath, saves: tuple[str, ...]) -> Iterator[Output]:
        """The files asked for by --save, as (path below --out, bytes)."""
        return iter(())


@dataclass(frozen=True)
class TaskSummary:
    """What a task says when every image is done.

    notes: lines for people, such as what could not be kept.
    lines: for people, where the predictor has `lines_of_run`; each with whether it is of an image that failed.
    warned: there is something that --strict makes exit code 1.
    """

    notes: tuple[str, ...] = ()
    lines: tuple[tuple[str, bool], ...] = ()
    warned: bool = False


class Predictor:
    """A loaded task. Called from several threads at once; the answer depends on the image alone."""

    model: str = ""  # for the record, "coco@sha256:1f0c..."
    pre: str = ""  # the --pre chain that the model was trained with
    labels: tuple[str, ...] = ()  # of all classes, by id; empty where the task has none
    aliases: Mapping[str, str] = MappingProxyType({})  # other words for labels that data sets may use
    background: int | None = None  # the class id of what is nothing
    console: "Console | None" = None  # given by the pipeline: where a prediction of many seconds shows its progress
    enough: tuple[int, int] | None = None  # (width, height) of an image from which more pixels change nothing but time
    lines_of_run: bool = False  # people get the lines of `summarize` at the end, and no line an image

    @property
    def apart(self) -> bool:
        """Whether an image's way touches nothing but its record and files, so that another machine may go it."""
        return True

    def predict(self, pixels: "np.ndarray", placement: "Placement | None") -> Result:
        """pixels: uint8 [H, W, 3] after --pre. placement: where the image lies in them if --pre moved it."""
        raise NotImplementedError

    def answer(self, pixels: "np.ndarray", placement: "Placement | None") -> Any:
        """What the metric of the task's kind takes, before anything is left out for people; see dlcli.data.kinds.

        Of BOXES records.Boxes, of MASKS uint8 [H, W], of CLASSES float [C]; arguments as for `predict`.
        """
        raise NotImplementedError("a task whose contract names a kind of labels has a predictor that can `answer`")

    def memory_of(self, model: MemoryModel) -> MemoryModel:
        """The task's `memory` as it is with this model, for --max-memory; asked once, before the first image."""
        return model

    def group(self, groups: Groups) -> None:
        """What classes count under one name; called once, before the first image."""

    def run_outputs(self, saves: tuple[str, ...]) -> Iterator[Output]:
        """Files that a run writes once, before its first image, such as a legend."""
        return iter(())

    def final_outputs(self, saves: tuple[str, ...], records: Iterable[dict[str, Any]]) -> Iterator[Output]:
        """Files that a run writes once, after its last image, from all its records, such as coco.json."""
        return iter(())

    def after_save(self, source: "Source", result: Any) -> dict[str, Any]:
        """What else is done with an image once its files are in place; the fields that this adds to the record.

        ImageError where it cannot be done.
        """
        return {}

    def is_current(self, record: dict[str, Any]) -> bool:
        """Whether what `after_save` did for a record of an earlier run is still so; --resume asks."""
        return True

    def on_record(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record as it is reported, also of a failure; called from one thread, in input order."""
        return record

    def summarize(self) -> TaskSummary:
        """Asked for when every image is done or the run is cut short."""
        return TaskSummary()


class Task(Answers):
    """A folder under dlcli/tasks, as its task.py describes it. Light: nothing heavy until `load`.

    A task has `name`, `help`, `options`, `load` and `schema`, and whatever is not as here and in tasks.answers.Answers.
    """

    name: ClassVar[str]
    help: ClassVar[str]
    options: ClassVar[type]
    examples: ClassVar[tuple[str, ...]] = ()  # at the foot of --help
    saves: ClassVar[tuple[str, ...]] = ()  # what --save may name; the first is the default
    also_saves: tuple[str, ...] = ()  # saved whatever --save names
    final_saves: ClassVar[tuple[str, ...]] = ("coco",)  # words of --save that `Predictor.final_outputs` sees to
    needs_out: ClassVar[bool] = False  # the task makes images: --out is required, and records list what was written
    reduces: ClassVar[bool] = False  # its predictors may have `enough`: of a large JPEG they want fewer pixels
    tells_pages: ClassVar[bool] = False  # its records say how many pages or frames were left out: "pages_left_out"
    keeps_16_bit: ClassVar[bool] = False  # `predict` takes uint16 pixels where the file has 16 bits
    keeps_colors: bool = False  # pixels come in the color space of the file, not in sRGB
    kind: ClassVar[str | None] = None  # of labels, from data.kind_names; None: cannot be scored, converted or trained
    # "module:class" of `dlcli eval`, an EvalOptions; imported where `kind` is not None
    eval_options: ClassVar[str] = "dlcli.tasks.eval_options:EvalOptions"
    exporter: ClassVar[str] = ""  # "module:function" of (ExportOptions, TrainLog), imported when called; "": none
    compared_by: ClassVar[str] = ""  # a module for `dlcli diff`, see evaluation/diff/parts.py; "": field by field
    network: ClassVar[NetworkUse | None] = None  # how it uses a network; None: it has none
    called_elsewhere: ClassVar[Mapping[str, str]] = {}  # other programs' words for it -> the words after `dlcli` here
    memory: MemoryModel = MemoryModel()  # unknown: measured on the first images of a run with --max-memory
    image_result: ClassVar[str] = "dlcli.tasks.image_result:ImageResult"  # "module:class": what Python gets of an image
    python_panels: ClassVar[tuple[str, ...] | None] = None  # of its options, those that Python takes; None: all

    def load(self, options: Any, threads: int, workers: int) -> Predictor:
        """Open the model for `workers` callers at a time, `threads` each."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of `Result.fields`: {"properties": ..., "required": [...]}."""
        raise NotImplementedError

    def in_python(self, options: Any) -> Any:
        """The options of a call from Python, where arrays are given back and no files."""
        return options

    def named_values(self) -> dict[str, tuple[str, ...]]:
        """Values of its own options that have a name beside others, by field; a shell offers them."""
        return {}

    def check(self, options: Any) -> None:
        """Refuse what is wrong in the options before anything is loaded. UsageError."""

    def check_inputs(self, options: Any, batch: Any, inputs: list[str], sources: Sequence["Source"]) -> None:
        """Refuse what is wrong with the inputs as typed, or the images that they stand for. UsageError.

        batch: the options of every image command (dlcli.batch.options.BatchOptions).
        """

    def chain(self, options: Any, pre: str | None) -> str | None:
        """The --pre chain of a run, from the task's own options and --pre; None: the model's own."""
        return pre

    def for_options(self, options: Any, pre: str | None) -> "Task":
        """The task as these options make it, where they change what it needs or names. pre: what `chain` gave."""
        return self

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        """Where `Result.outputs` will write for an image at `place`: files, or folders of its own."""
        return []

    def run_names(self, saves: tuple[str, ...]) -> list[PurePosixPath]:
        """Files of the run as a whole that `Predictor.run_outputs` and `Predictor.final_outputs` write."""
        return []
