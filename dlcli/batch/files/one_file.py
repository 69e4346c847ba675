"""`--out result.jpg`: of one image the one file that it gets, under that name; no folder, and no records beside it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from dlcli.batch.files.ownership import Ownership
from dlcli.batch.options import BatchOptions
from dlcli.claims import claim_of_file
from dlcli.errors import UsageError
from dlcli.imaging.extensions import is_video, looks_like_image
from dlcli.messages import as_text
from dlcli.records import Source
from dlcli.tasks.contract import Task


def named_file(out: Path | None) -> Path | None:
    """The file that --out names, where its name ends as an image's and no folder is called so."""
    return out if out is not None and looks_like_image(out) and not out.is_dir() else None


def refuse_options(file: Path, batch: BatchOptions) -> None:
    """UsageError: options that are about a folder of results, or a file that is there."""
    given = {"--resume": batch.resume, "--shard": batch.shard, "--watch": batch.watch, "--root": batch.root}
    for option, value in given.items():
        if value:
            raise UsageError(f"--out {file}: is the name of one image, and {option} wants a folder; name a folder")
    if file.is_symlink() or (file.exists() and not (batch.overwrite and file.is_file())):
        raise UsageError(f"--out {file}: is there already; name another file, or pass --overwrite")


def only_source(file: Path, task: Task, saves: tuple[str, ...], sources: Sequence[Source]) -> list[Source]:
    """The one source, at the place from which the file gets its name. UsageError: they are more, or another is made."""
    if len(sources) != 1 or is_video(sources[0]):
        count = "a video" if len(sources) == 1 else f"{len(sources):,} images"
        raise UsageError(
            f"--out {file}: ends as the name of one image, and there {'is' if len(sources) == 1 else 'are'} {count}; "
            "name a folder"
        )
    made = task.output_names(PurePosixPath(file.name), saves)
    if made != [PurePosixPath(file.name)]:
        what = ", ".join(as_text(name) for name in made) or "no image"
        raise UsageError(
            f"--out {file}: dlcli {task.name} would write {what} here; name that file, or a folder, or choose one kind "
            "of --save"
        )
    return [replace(sources[0], place=PurePosixPath(file.name))]


def ownership(file: Path) -> Ownership:
    """Below the file's folder, nothing but the file, which --overwrite may replace."""
    claims = {file.name: {claim_of_file(file)}} if file.is_file() else {}
    return Ownership(file.parent, claims)
