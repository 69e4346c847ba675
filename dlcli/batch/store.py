"""`--out s3://bucket/found`: results gather in a folder of this machine and go to the store when the run is done.

Objects appear whole or not at all, the records last, so that where results.jsonl is, everything is.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from dlcli.batch.files.run_files import RESULTS, partial_name
from dlcli.batch.options import BatchOptions
from dlcli.batch.sources.addresses import WEB, protocol_of
from dlcli.batch.sources.remote import objects_below, opened, patiently, reason_of
from dlcli.console import Console
from dlcli.errors import DlcliError, ExitCode, UsageError
from dlcli.imaging.extensions import looks_like_image
from dlcli.messages import as_text, plural
from dlcli.signals import at_stop

WRITERS = 8  # files that are sent at a time


def run_into_store(address: str, batch: BatchOptions, run: Callable[[BatchOptions], ExitCode]) -> ExitCode:
    """Run with a folder for --out, and send it. run: makes the run with these options; its exit code.

    A run that ends before its last image sends nothing: its folder stays, and is named at the end.
    UsageError: something is there already, or another option wants a folder. DlcliError: it cannot be reached, or not
    be written; the folder stays then.
    """
    refuse_options(address, batch)
    refuse_used(address)
    if batch.plan:
        return run(replace(batch, out=None, save=""))
    console, folder = Console(batch.quiet), Path(tempfile.mkdtemp(prefix="dlcli-out-"))
    console.say(f"results gather in {folder}, and go to {address} at the end")
    with at_stop(lambda _word: _tell_kept(console, folder, address)):
        try:
            code = run(replace(batch, out=folder))
        except BaseException:
            _tell_kept(console, folder, address)
            raise
        if _is_unfinished(folder):
            _tell_kept(console, folder, address)
            return code
        count = send(folder, address)
        shutil.rmtree(folder)
    console.say(f"{plural(count, 'file')} -> {address}/")
    return code


def _is_unfinished(folder: Path) -> bool:
    """Whether the run in it has not come to its last image."""
    return any(folder.glob(partial_name(f"{RESULTS.partition('.')[0]}*")))


def _tell_kept(console: Console, folder: Path, address: str) -> None:
    """What has come so far, and how it goes on; a folder in which nothing is goes."""
    if not any(folder.iterdir()):
        folder.rmdir()
    elif _is_unfinished(folder):
        console.error(
            f"nothing was sent to {address}; the results so far are in {folder}: the same command with --out {folder} "
            "--resume goes on"
        )
    else:
        console.error(f"not all was sent to {address}; all results are in {folder}")


def refuse_options(address: str, batch: BatchOptions) -> None:
    """UsageError: what only a folder of this machine can do."""
    given = {"--resume": batch.resume, "--overwrite": batch.overwrite, "--watch": batch.watch, "--root": batch.root}
    for option, value in given.items():
        if value:
            raise UsageError(f"--out {address}: {option} wants a folder of this machine; name one, and copy it then")
    if protocol_of(address) in WEB:
        raise UsageError(f"--out {address}: nothing can be written there; name a folder, or s3://, gs:// or az://")
    if looks_like_image(address):
        raise UsageError(f"--out {address}: ends as the name of an image; in a store name a folder")


def refuse_used(address: str) -> None:
    """UsageError: objects lie below the address, none of which is ever replaced. DlcliError: it cannot be asked."""
    system, path = opened(address)
    try:
        found = next(objects_below(system, path, None), None)
    except FileNotFoundError:
        return
    except Exception as error:  # each library has exceptions of its own
        raise DlcliError(f"--out {address}: cannot be looked into: {reason_of(error)}") from error
    if found is not None:
        raise UsageError(f"--out {address}: holds {as_text(found)} already; name another")


def send(folder: Path, address: str) -> int:
    """Every file of a folder to its place below the address, records last; how many. DlcliError: one could not be."""
    system, path = opened(address)
    files = sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    last = [file for file in files if str(file).startswith(RESULTS.partition(".")[0] + ".")]

    def put(file: Path) -> None:
        goal = f"{path.rstrip('/')}/{file.as_posix()}"
        try:
            patiently(lambda: system.put_file(os.fspath(folder / file), goal))
        except Exception as error:
            raise DlcliError(
                f"--out {address}: {as_text(file)} cannot be written: {reason_of(error)}; all results are in {folder}"
            ) from error

    with ThreadPoolExecutor(WRITERS) as pool:
        for _ in pool.map(put, [file for file in files if file not in last]):
            pass
    for file in sorted(last, key=lambda file: file.name == RESULTS):
        put(file)
    return len(files)
