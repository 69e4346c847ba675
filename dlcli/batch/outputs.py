"""What a run will write below --out, refused before any work where two outputs would meet."""

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from dlcli.batch.options import BatchOptions
from dlcli.errors import UsageError
from dlcli.records import Source
from dlcli.tasks.contract import Task

RESULTS = "results.jsonl"
PART = ".results.jsonl.part"
RESERVED = {PurePosixPath(RESULTS), PurePosixPath(PART)}


def chosen_saves(task: Task, options: BatchOptions) -> tuple[str, ...]:
    """What --save asks for, or the task's default; () without --out. UsageError for an unknown word."""
    if options.out is None:
        if options.save:
            raise UsageError(f"--save {options.save}: needs --out DIR, the folder to save in")
        return ()
    words = [word.strip() for word in options.save.split(",") if word.strip()] or [task.saves[0]]
    if words == ["none"]:
        return ()
    for word in words:
        if word not in task.saves:
            raise UsageError(f"--save {word}: expected some of {', '.join(task.saves)}, or none")
    return tuple(save for save in task.saves if save in words)


def refuse_used_folder(options: BatchOptions) -> None:
    """--out is a new folder, or one without results, unless --overwrite is given."""
    out = options.out
    if out is None:
        return
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: is a file; name a folder")
    if (out / RESULTS).exists() and not options.overwrite:
        raise UsageError(f"--out {out}: holds {RESULTS} of an earlier run; name another folder, or pass --overwrite")


def refuse_collisions(
    sources: list[Source], names: Callable[[PurePosixPath], list[PurePosixPath]], out: Path | None
) -> None:
    """No two pictures write the same file, none writes over a picture of the run, none over the record."""
    if out is None:
        return
    inputs = {source.path.resolve(): source for source in sources if source.path is not None}
    taken: dict[PurePosixPath, Source] = {}
    root = out.resolve()
    for source in sources:
        for name in names(source.place):
            if name in taken:
                both = f"{taken[name].text} and {source.text}"
                raise UsageError(f"--out {out}: {both} would both be written to {name}; rename one, or run them apart")
            if name in RESERVED:
                raise UsageError(f"--out {out}: the output of {source.text} would replace {name}; rename the picture")
            if root / name in inputs:
                raise UsageError(f"--out {out}: would write over {inputs[root / name].text}, which is an input")
            taken[name] = source
