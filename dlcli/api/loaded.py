"""A loaded task: images in, results out, by the way of one image that the command takes."""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any, Generic, TypeVar, overload

from dlcli.api.advice import python_words
from dlcli.api.options import arguments_of, make_options
from dlcli.api.source import Given, Image, given_image, is_one
from dlcli.batch.files.run_files import Names
from dlcli.batch.gates.gates import Gates
from dlcli.batch.image import ImageProcessor, pages_after_first
from dlcli.batch.memory.budget import PixelBudget
from dlcli.batch.options import BatchOptions
from dlcli.batch.plan import Plan
from dlcli.errors import ImageError
from dlcli.imaging.fault import Fault, check_size
from dlcli.imaging.steps.chain import parse_steps
from dlcli.records import DecodedImage, Source
from dlcli.runtime.deadline import time_limit
from dlcli.runtime.parallel import in_order
from dlcli.runtime.threads import default_threads
from dlcli.tasks.contract import Result, Task
from dlcli.tasks.registry import import_name

ResultT = TypeVar("ResultT")


class Loaded(Generic[ResultT]):
    """A task with its model in memory. May be called from several threads; a result depends on its image alone.

    task: its name. model: as records name it. labels: of all classes, by id; empty where the task has none.
    """

    def __init__(self, task: Task, given: dict[str, Any], several: bool):
        """several: images are taken by as many threads as there are, one each; else one image has all of them.

        UsageError, MissingError, DataError: as the command.
        """
        self._arguments = tuple(arguments_of(task))
        with python_words(self._arguments):
            self._open(task, given, several)

    def _open(self, task: Task, given: dict[str, Any], several: bool) -> None:
        options, of_image = make_options(task, given)
        batch = BatchOptions(**of_image)
        task.check(options)
        pre = task.chain(options, batch.pre)
        made = task.for_options(options, pre)
        steps = None if pre is None else parse_steps(pre)
        plan = Plan(made, options, batch, [], steps, (), Names.of(None), Gates.parse(None, None))
        threads = batch.threads or default_threads()
        self._workers = threads if several else 1
        predictor = made.load(options, 1 if several else threads, self._workers)
        steps = parse_steps(predictor.pre) if steps is None else steps
        self._way = ImageProcessor(plan, predictor, steps, PixelBudget())
        self._result = import_name(task.image_result)
        self.task, self.model, self.labels = task.name, predictor.model, predictor.labels

    @overload
    def __call__(self, image: Image) -> ResultT: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, image: Iterable[Image]) -> list[ResultT]: ...
    def __call__(self, image: Any) -> Any:
        """The result of an image, or a list of those of several. ImageError: one cannot be used."""
        if not is_one(image):
            return list(self.each(image))
        with python_words(self._arguments):
            return self._made(*self._look(image))

    def each(self, images: Iterable[Image]) -> Iterator[ResultT]:
        """Results of many images, in their order, as they are ready. ImageError at the turn of one that fails."""
        with python_words(self._arguments):
            for _, looked in in_order(self._look, images, self._workers):
                yield self._made(*looked)

    def _look(self, image: Any) -> tuple[dict[str, Any], Result, DecodedImage]:
        """The record, what was found, and the image that was read."""
        way, plan = self._way, self._way.plan
        given = given_image(image, plan.task.keeps_16_bit)
        source = given if isinstance(given, Source) else given.source
        assert source is not None
        with time_limit(plan.batch.timeout_per_image, source.shown), way.budget.share() as admit:
            read = self._read(given, admit)
            found = way.predict(source, read)
            settled = way.predictor.after_save(source, copy(found))  # which may let go of the pixels
        if plan.task.tells_pages and (pages := pages_after_first(source)):
            settled |= {"pages_left_out": pages}
        return way.record_of(source, read, found, settled, []), found, read

    def _made(self, record: dict[str, Any], found: Result, read: DecodedImage) -> Any:
        return self._result.of(self._way.predictor.on_record(record), found, read)

    def _read(self, given: Given, admit: Any) -> DecodedImage:
        if isinstance(given, Source):
            return self._way.read(given, admit)[0]
        assert given.source is not None
        try:
            check_size(given.width, given.height, self._way.plan.batch.max_pixels)
        except Fault as fault:
            raise ImageError(fault.kind, fault.sentence(given.source.text)) from fault
        admit(given.width * given.height)
        return given
