"""What a run will write below --out, refused before any work where two outputs would meet."""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from dlcli.batch.files.ownership import Ownership
from dlcli.batch.files.run_files import Names
from dlcli.batch.options import BatchOptions
from dlcli.errors import UsageError
from dlcli.messages import did_you_mean
from dlcli.records import Source
from dlcli.spelling import known
from dlcli.tasks.contract import Task

NAMES = Names.of(None)  # of a run that is no shard

FILES = {".json", ".jsonl", ".csv", ".txt", ".html", ".xml", ".md"}  # endings that no folder has
BEGINNINGS = (b'{"schema":"dlcli.', b'{"fingerprint":', b'{"source":', b'{"writing":', b'{"files":')


def chosen_saves(task: Task, options: BatchOptions) -> tuple[str, ...]:
    """What --save asks for, or the task's default; () without --out. UsageError for an unknown word."""
    if options.out is None:
        if options.save:
            raise UsageError(f"--save {options.save}: needs --out DIR, the folder to save in")
        return ()
    words = [known(word.strip(), task.saves) for word in options.save.split(",") if word.strip()] or [*task.saves[:1]]
    if words == ["none"]:
        return task.also_saves
    for word in words:
        if word not in task.saves:
            near = did_you_mean(word, (*task.saves, "none"))
            raise UsageError(f"--save {options.save}: expected {_expected(task)}{f'; {near}' if near else ''}")
    if options.shard and set(words) & set(task.final_saves):
        raise UsageError(
            f"--save {options.save}: {', '.join(task.final_saves)} is one file for all images, which a shard does "
            "not see; merge the shards, and convert what comes of it: dlcli convert MERGED.jsonl FILE.json --to coco"
        )
    return tuple(save for save in task.saves if save in words or save in task.also_saves)


def _expected(task: Task) -> str:
    if not task.saves:
        return "none, as there are only records"
    return f"{task.saves[0]} or none" if len(task.saves) == 1 else f"any of {', '.join(task.saves)}, or none by itself"


def refuse_used_folder(options: BatchOptions, files: Ownership | None, names: Names = NAMES) -> None:
    """--out is a new folder, or one without results, unless --overwrite or --resume is given."""
    out = options.out
    if options.resume and (out is None or options.overwrite):
        raise UsageError("--resume: goes on with the run in --out DIR; give --out, and leave out --overwrite")
    if out is None or files is None:
        return
    if os.path.lexists(out) and not os.path.isdir(out):
        raise UsageError(f"--out {out}: is a file; name a folder")
    if not os.path.isdir(out) and (str(out) == "-" or out.suffix.lower() in FILES):
        raise UsageError(f"--out {out}: --out names a folder; name one, or take the records by --json > FILE")
    used = [name for name in names.all if os.path.lexists(out / name)]
    if options.resume and used and not any(os.path.exists(out / name) for name in names.of_state):
        raise UsageError(f"--resume: {out} holds {used[0]} but no {names.state} to go on from; pass --overwrite")
    if used and not options.resume and not options.overwrite:
        raise UsageError(
            f"--out {out}: holds {used[0]} of an earlier run; name another folder, or pass --overwrite or --resume"
        )
    if used:
        refuse_foreign_results(files, names)


def refuse_foreign_results(files: Ownership, names: Names) -> None:
    """UsageError: there is a results.jsonl that no run wrote, or that was changed since."""
    results = files.out / names.results
    empty = results.is_file() and not results.is_symlink() and results.stat().st_size == 0  # nothing to lose
    if os.path.lexists(results) and not empty and not files.is_ours(names.results):
        raise UsageError(
            f"--out {files.out}: no run wrote its {names.results}, or it was changed since; name another folder, or "
            "move it away"
        )
    for name in names.all[1:]:
        if os.path.lexists(files.out / name) and not _begins_as_ours(files.out / name):
            raise UsageError(f"--out {files.out}: no run wrote its {name}; name another folder, or move it away")


def _begins_as_ours(path: Path) -> bool:
    """Whether a state, or a file that grows, begins as a run writes it; a line may be cut short."""
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as file:
        start = file.read(max(map(len, BEGINNINGS)))
    return any(start.startswith(word) or word.startswith(start) for word in BEGINNINGS)


def refuse_claimed_inputs(files: Ownership, sources: Iterable[Source]) -> None:
    """UsageError: an input is an output of the earlier run, which --overwrite and --resume replace and remove."""
    if not files.claims:
        return
    root = os.path.realpath(files.out)
    for source in sources:
        real = os.path.realpath(source.path) if source.path is not None and "\0" not in str(source.path) else ""
        if real.startswith(root + os.sep) and os.path.relpath(real, root) in files.claims:
            raise UsageError(
                f"--out {files.out}: {source.text} is an output of the earlier run there, and an input now; choose "
                "another folder"
            )


def refuse_collisions(
    sources: Sequence[Source],
    names: Callable[[PurePosixPath], list[PurePosixPath]],
    out: Path | None,
    of_run: Sequence[PurePosixPath] = (),
    reserved: Collection[str] = NAMES.all,
) -> None:
    """No two images write the same file, none writes over an image of the run, none over the run's own files.

    reserved: names of the run's own files.
    """
    if out is None:
        return
    root = os.path.realpath(out)
    inputs, below = _inputs_in(root, sources)
    taken, folders = set[int](), dict[PurePosixPath, int]()  # hashes of names; folders of names, with a source in each
    for number, source in enumerate(sources):
        if source.failure is not None:  # it writes nothing
            continue
        for name in names(source.place):
            other = _writer_of(name, sources, names, number) if hash(name) in taken else None
            if other is not None:
                both = f"{sources[other].text} and {source.text}"
                raise UsageError(f"--out {out}: {both} would both be written to {name}; rename one, or run them apart")
            if name.parts[0] in reserved or name in of_run:
                raise UsageError(f"--out {out}: the output of {source.text} would replace {name}; rename the image")
            if inputs:
                written = os.path.join(root, name)
                met = inputs.get(written) or below.get(written)
                if met is not None:
                    raise UsageError(
                        f"--out {out}: would write over {met.text}, which is an input; choose another folder"
                    )
            taken.add(hash(name))
            if name.parent not in folders:
                folders.update(dict.fromkeys(name.parents, number))
    for folder, number in folders.items():
        other = _writer_of(folder, sources, names, len(sources)) if hash(folder) in taken else None
        if other is not None and other != number:
            both = f"{sources[other].text} and {sources[number].text}"
            raise UsageError(f"--out {out}: {both} would both write into {folder}; rename one, or run them apart")


def _writer_of(
    name: PurePosixPath, sources: Sequence[Source], names: Callable[[PurePosixPath], list[PurePosixPath]], end: int
) -> int | None:
    """The number of the first of so many sources that writes a file of this name; None: it was equal by hash alone."""
    written = ((i, each) for i in range(end) if sources[i].failure is None for each in names(sources[i].place))
    return next((number for number, each in written if each == name), None)


def _inputs_in(root: str, sources: Iterable[Source]) -> tuple[dict[str, Source], dict[str, Source]]:
    """Inputs that lie in a real folder, by their real paths, and the folders there that hold them."""
    real_folder = lru_cache(maxsize=1024)(os.path.realpath)  # many images, few folders
    inputs = {
        path: source
        for source in sources
        if source.failure is None
        for path in _real_paths(source, real_folder)
        if path.startswith(root + os.sep)
    }
    return inputs, _folders_of(inputs)


def _real_paths(source: Source, real_folder: Callable[[str], str]) -> set[str]:
    """The file, and the link that names it, whose own folder is made real."""
    if source.path is None or "\0" in str(source.path):
        return set()
    folder, name = os.path.split(os.path.abspath(source.path))
    named = os.path.join(real_folder(folder), name)
    return {named, os.path.realpath(named)} if os.path.islink(named) else {named}


def _folders_of(inputs: dict[str, Source]) -> dict[str, Source]:
    """Every folder above a file, up to the root, with a source in it."""
    found: dict[str, Source] = {}
    for path, source in inputs.items():
        folder = os.path.dirname(path)
        while folder not in found:  # else those above it are there too
            found[folder] = source
            folder = os.path.dirname(folder)
    return found
