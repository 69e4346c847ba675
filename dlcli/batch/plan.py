"""Everything that can be refused before a model is opened: options, steps, sources, outputs. Light."""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import field, fields, replace
from functools import cached_property, partial
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any

from dlcli.batch.cluster.address import check_on
from dlcli.batch.files.apart import kept_apart
from dlcli.batch.files.frame_names import frame_place, video_name
from dlcli.batch.files.one_file import named_file, only_source, ownership, refuse_options
from dlcli.batch.files.outputs import chosen_saves, refuse_claimed_inputs, refuse_collisions, refuse_used_folder
from dlcli.batch.files.ownership import Ownership
from dlcli.batch.files.root import stored_root
from dlcli.batch.files.run_files import Names
from dlcli.batch.gates.failed import check_failed_to, refuse_failed_to
from dlcli.batch.gates.gates import Gates, check_gate
from dlcli.batch.matching import Matching, parse_matching, refuse_places
from dlcli.batch.memory.process import room_before
from dlcli.batch.options import BatchOptions
from dlcli.batch.reports.places import refuse_files, refuse_inputs, refuse_outputs
from dlcli.batch.reports.spec import ReportSpec, parse_reports
from dlcli.batch.shards import Shard, parse_shard
from dlcli.batch.sources.addresses import is_address
from dlcli.batch.sources.listing import videos_of
from dlcli.batch.sources.paths import find_images, refuse_other_habits
from dlcli.batch.sources.records import sources_of_records
from dlcli.batch.sources.skipped import Skipped
from dlcli.batch.sources.standard_input import STDIN, read_list
from dlcli.batch.sources.tree import Root
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.imaging.extensions import looks_like_video
from dlcli.imaging.steps.chain import Step, parse_steps
from dlcli.imaging.value_range import parse_range
from dlcli.messages import as_text
from dlcli.records import Source
from dlcli.tasks.contract import Task
from dlcli.tasks.groups import NO_GROUPS, Groups
from dlcli.units import parse_size


@dataclass(frozen=True)
class Plan:
    """sources: those to do, in order. steps: what --pre asks for; None: the model's own. saves: kinds of files for each
    image. names: of the run's own files. gates, reports: that it ends with. shard: the part of all images that
    sources are; every: all of them then. files: below --out, and whose they are. skipped: what
    was not looked at. file: the one that --out names, in its folder, without records beside it. groups: of classes.
    matching: what is copied or linked.
    """

    task: Task
    options: Any
    batch: BatchOptions
    sources: Sequence[Source]
    steps: tuple[Step, ...] | None
    saves: tuple[str, ...]
    names: Names
    gates: Gates
    reports: tuple[ReportSpec, ...] = ()
    shard: Shard | None = None
    every: Sequence[Source] = ()
    files: Ownership | None = None
    skipped: Skipped = field(default_factory=Skipped)
    file: Path | None = None
    groups: Groups = NO_GROUPS
    matching: Matching | None = None

    def written(self, place: PurePosixPath) -> list[PurePosixPath]:
        """What is written for a source at a place, below --out."""
        return _written(self.task, place, self.saves)

    @cached_property
    def videos(self) -> list[Source]:
        """Those of its sources."""
        return videos_of(self.sources)

    @property
    def open_ended(self) -> bool:
        """Nobody knows how many images it will be: there are videos, or a folder is watched."""
        return self.batch.watch or bool(self.videos)

    @property
    def single(self) -> bool:
        """One image, of which a person sees more."""
        return len(self.sources) == 1 and not self.open_ended


def make_plan(task: Task, options: Any, batch: BatchOptions) -> Plan:
    """The plan of a run. UsageError, without any work done, for whatever is wrong with it."""
    task.check(options)
    pre = task.chain(options, batch.pre)
    task = task.for_options(options, pre)
    if task.needs_out and batch.out is None:
        raise UsageError(f"dlcli {task.name} makes images: say where to by --out DIR")
    steps = None if pre is None else parse_steps(pre)
    groups, matching = Groups.parse(batch.group), parse_matching(batch)
    gates, reports = Gates.parse(batch.fail_if, batch.require, groups), parse_reports(batch.report)
    gates.check(task.name, (), task.needs_out)
    if matching is not None:
        check_gate(matching.gate, task.name, (), task.needs_out, (), groups)
    check_failed_to(batch.failed_to, bool(gates), batch.overwrite)
    _check_limits(batch)
    saves, shard = chosen_saves(task, batch), parse_shard(batch.shard)
    names = Names.of(shard)
    states = names.of_state if batch.overwrite or batch.resume else ()
    file, skipped = named_file(batch.out), Skipped()
    files: Ownership | None = None
    if file is not None:
        refuse_options(file, batch)
        files, inner = ownership(file), replace(batch, out=None, root=None)
        inputs, every = _found(options, inner, names, skipped)
        every = only_source(file, task, saves, every)
        batch = replace(batch, out=file.parent)
    else:
        files = files if batch.out is None else Ownership.of_run(batch.out, states)
        refuse_used_folder(batch, files, names)
        inputs, every = _found(options, batch, names, skipped)
    task.check_inputs(options, batch, inputs, every)
    _refuse_videos(task, batch, saves, every)
    check_on(batch, batch.watch or bool(videos_of(every)))
    if batch.out is not None and file is None:
        every = kept_apart(every, partial(_written, task, saves=saves))
    sources = every if shard is None else shard.of(every)
    listed = () if shard is None else every
    plan = Plan(task, options, batch, sources, steps, saves, names, gates, reports, shard, listed, files, skipped, file)
    plan = replace(plan, groups=groups, matching=matching)
    if matching is not None:
        refuse_places(matching, every)
    _refuse_outputs(plan, every)
    return plan


def _refuse_outputs(plan: Plan, every: Sequence[Source]) -> None:
    """Where files of the run would meet each other or what is there. every: all images, those of other shards too."""
    task, batch, own = plan.task, plan.batch, plan.names.all
    of_run = task.run_names(plan.saves) if plan.file is None else []

    refuse_collisions(every, plan.written, batch.out, of_run, own)
    if plan.files is not None:
        refuse_claimed_inputs(plan.files, every)
        of_all = [] if plan.shard is not None else of_run  # what shards share is compared when it is written
        names = (name for source in plan.sources for name in plan.written(source.place))
        plan.files.refuse_foreign(chain(of_all, names), by_size=batch.resume)
    refuse_files(plan.reports)
    refuse_failed_to(batch.failed_to, _inputs(batch, every))
    refuse_inputs(plan.reports, _inputs(batch, every))
    refuse_outputs(plan.reports, batch.out, [*own, *of_run], every, plan.written)


def _inputs(batch: BatchOptions, every: Sequence[Source]) -> Iterator[str | Path | None]:
    """The files that are read."""
    yield from (batch.from_jsonl, batch.files_from)
    yield from (source.path for source in every)


def _found(options: Any, batch: BatchOptions, names: Names, skipped: Skipped) -> tuple[list[str], Sequence[Source]]:
    """The inputs as typed, and the sources that they stand for."""
    if batch.from_jsonl:
        if batch.root is not None:
            raise UsageError("--root: does not go together with --from-jsonl, whose records name images one by one")
        if batch.sources or batch.files_from:
            raise UsageError("--from-jsonl: its records name the images; leave out SOURCE and --files-from")
        return [], sources_of_records(batch.from_jsonl, room_for_names(batch))
    inputs = [*(batch.sources or []), *_listed(batch)]
    refuse_other_habits(inputs, option_names(options, batch))
    if batch.watch:
        _check_watch(batch, inputs)
        return inputs, []
    nothing_listed = batch.files_from and not inputs  # a branch that changes no image is no mistake
    if nothing_listed:
        return inputs, []
    room, root = room_for_names(batch), _root(batch, names)
    return inputs, find_images(inputs, batch.recursive, batch.out, room, root, skipped, batch.allow_empty)


def _root(batch: BatchOptions, names: Names) -> Root:
    """UsageError: --root without --out, or it is no folder."""
    if batch.root is not None and batch.out is None:
        raise UsageError(f"--root {batch.root}: says how --out mirrors a tree; give --out DIR")
    if batch.root is not None and not os.path.isdir(batch.root):
        raise UsageError(f"--root {batch.root}: no such folder; name the one whose tree --out mirrors")
    stored = stored_root(batch.out, names) if batch.resume and batch.out is not None else ""
    return Root(None if batch.root is None else str(batch.root), stored)


def room_for_names(batch: BatchOptions) -> int | None:
    """Bytes that are left for names, and for standard input, before a model is opened; None without --max-memory."""
    return room_before(parse_size(batch.max_memory)) if batch.max_memory else None


def _check_limits(batch: BatchOptions) -> None:
    if batch.max_memory:
        parse_size(batch.max_memory)
    parse_range(batch.range)
    if not math.isfinite(batch.timeout_per_image):
        raise UsageError(f"--timeout-per-image {batch.timeout_per_image}: expected seconds, such as 2.5")


def _written(task: Task, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
    """What a source will write: of a video, the folders of its frames and the video that is made of them."""
    if not looks_like_video(place):
        return task.output_names(place, saves)
    folders = [name.parent for name in task.output_names(frame_place(place, 0), saves)]
    return [video_name(place), *dict.fromkeys(folders)]


def _check_watch(batch: BatchOptions, inputs: list[str]) -> None:
    if len(inputs) != 1 or batch.files_from or not os.path.isdir(inputs[0]):
        raise UsageError("--watch: looks into one folder; name one that is there, and nothing else")
    if batch.shard or batch.plan:
        raise UsageError("--watch goes with neither --shard nor --plan: nobody knows yet which images will come")
    if batch.out is not None and os.path.realpath(batch.out) == os.path.realpath(inputs[0]):
        raise UsageError(f"--out {batch.out}: is the folder that is watched; name another")


def _refuse_videos(task: Task, batch: BatchOptions, saves: tuple[str, ...], sources: Sequence[Source]) -> None:
    """Where a video among the sources has no place."""
    videos = videos_of(sources)
    if videos and (batch.shard or batch.plan):
        option = "--shard" if batch.shard else "--plan"
        raise UsageError(f"{option}: does not work with a video ({videos[0].text}); leave the option or the video out")
    if videos and set(saves) & set(task.final_saves):
        raise UsageError(f"--save {batch.save}: COCO has no place for the frames of a video ({videos[0].text})")


def option_names(*options: Any) -> list[str]:
    """Every option of these, as typed without its dashes."""
    return [field.name.strip("_").replace("_", "-") for group in options for field in fields(group)]


def _listed(batch: BatchOptions) -> list[str]:
    if not batch.files_from:
        if batch.null:
            raise UsageError("--null: says how --files-from is read; give --files-from FILE or -")
        return []
    if batch.files_from == STDIN and STDIN in (batch.sources or []):
        raise UsageError("standard input cannot be both an image (-) and the list of --files-from -")
    listed = read_list(batch.files_from, batch.null, room_for_names(batch))
    address = next(filter(is_address, listed), None)
    if address is not None:  # no socket is opened for what nobody typed
        raise UsageError(f"--files-from {batch.files_from}: {as_text(address)}: addresses are taken as SOURCE alone")
    return listed
