"""Puts images that --match below --copy-matching or --link-matching, as their records come."""

import os
from pathlib import Path

from dlcli.batch.gates.measure import Measured
from dlcli.batch.image import Outcome
from dlcli.batch.matching import Matching, is_there
from dlcli.errors import DlcliError
from dlcli.messages import as_text, plural
from dlcli.records import Source
from dlcli.tasks.groups import Groups
from dlcli.whole_file import NO_LINKS, write_new


class MatchingFiles:
    """A writer: puts each image that matches where it belongs, and never over another file."""

    def __init__(self, matching: Matching, groups: Groups):
        self.matching, self.groups = matching, groups
        self.count = 0

    def write(self, done: Outcome) -> None:
        if done.record["ok"] and self.matching.gate.condition.holds(Measured(done.record, self.groups)):
            self.count += 1
            self._put(done.source)

    def close(self, complete: bool) -> None:
        pass

    def sentence(self) -> str:
        """ "13 matching images copied -> dogs/" """
        how = "linked" if self.matching.link else "copied"
        return f"{plural(self.count, 'matching image')} {how} -> {as_text(self.matching.folder)}{os.sep}"

    def _put(self, source: Source) -> None:
        goal = self.matching.goal(source)
        assert source.path is not None
        try:
            if is_there(self.matching, source):
                return
            goal.parent.mkdir(parents=True, exist_ok=True)
            if self.matching.link:
                _link(source.path, goal)
            else:
                write_new(goal, source.path)
        except OSError as error:
            raise DlcliError(
                f"{as_text(goal)}: cannot be written: {error.strerror}; free some space, or name another folder"
            ) from error


def _link(path: Path, goal: Path) -> None:
    real = os.path.realpath(path)
    try:
        os.link(real, goal)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        os.symlink(real, goal)
