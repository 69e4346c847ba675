"""`dlcli.TASK()` for every task that the registry finds, `dlcli.load()`, and what is kept from call to call."""

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from inspect import Parameter, Signature
from pathlib import Path
from threading import Lock
from typing import Any

from dlcli.api.loaded import Loaded
from dlcli.api.options import arguments_of, function_name
from dlcli.api.source import Image, is_one
from dlcli.api.words import describe
from dlcli.errors import DataError, DlcliError, ImageError, MissingError, UsageError
from dlcli.models.user_folder import user_folder
from dlcli.tasks.contract import Task
from dlcli.tasks.registry import all_tasks, find_task, import_name

KEPT = 8  # loaded tasks, the last ones used
ERRORS = (DlcliError, UsageError, MissingError, DataError, ImageError)
_kept: OrderedDict[object, Loaded[Any]] = OrderedDict()
_lock = Lock()


def public_names() -> dict[str, Any]:
    """What `dlcli` offers in Python, by name: functions, `load`, the classes of results and errors."""
    functions = {function_name(task): function_of(task) for task in all_tasks().values()}
    results = [import_name(task.image_result) for task in all_tasks().values()]
    classes = {item.__name__: item for item in (*results, Loaded, *ERRORS)}
    return {**functions, "load": load, **classes, "Image": Image}


def load(task: str, **options: Any) -> Loaded[Any]:
    """A task with its model in memory, for many images: `look = dlcli.load("detect", conf=0.5)`, then `look(image)`.

    task: a command's name. options: as of the function of that name. `look.each(images)` gives results as they are
    ready. Nothing is shared with other calls. Errors as of that function.
    """
    return Loaded(find_task(task.replace("_", "-")), options, several=True)


def function_of(task: Task) -> Callable[..., Any]:
    """The function of a task, with the signature and the words of its options."""

    def call(image: Any, **options: Any) -> Any:
        return kept(task, options, several=not is_one(image))(image)

    call.__name__ = call.__qualname__ = function_name(task)
    call.__module__ = __name__.partition(".")[0]
    call.__doc__ = describe(task)
    named = [Parameter(item.name, Parameter.KEYWORD_ONLY, default=item.default) for item in arguments_of(task).values()]
    call.__signature__ = Signature([Parameter("image", Parameter.POSITIONAL_OR_KEYWORD), *named])  # type: ignore[attr-defined]
    return call


def kept(task: Task, options: Mapping[str, Any], several: bool) -> Loaded[Any]:
    """The task as it was loaded before with these options and this model, or loaded now."""
    key = (task.name, several, tuple(_key(options)), tuple(_files(options)))
    with _lock:
        if key not in _kept:
            _kept[key] = Loaded(task, dict(options), several)
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return _kept[key]


def _key(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(options.items()):
        yield name, repr(os.fspath(value) if isinstance(value, os.PathLike) else value)


def _files(options: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Files and folders that options name, and the folder of imported models, as they are now."""
    values = [item for value in options.values() for item in (value if isinstance(value, list | tuple) else [value])]
    named = [Path(item) for item in values if isinstance(item, str | os.PathLike) and os.path.exists(item)]
    for path in [*named, *filter(None, [user_folder()])]:
        for file in [path, *(path.iterdir() if path.is_dir() else ())]:
            if file.exists():
                yield os.path.abspath(file), file.stat().st_mtime_ns, file.stat().st_size
