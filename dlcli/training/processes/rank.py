"""Which process of a training this is, by the variables that `torchrun` sets. Light."""

import os
from collections.abc import Mapping

from dlcli.errors import UsageError
from dlcli.frozen import dataclass

NEEDED = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True)
class Rank:
    """number: of this process, from 0, of `count`. local, local_count: the same among those on this machine."""

    number: int = 0
    count: int = 1
    local: int = 0
    local_count: int = 1

    @property
    def is_first(self) -> bool:
        return self.number == 0

    def __str__(self) -> str:
        return f"process {self.number} of {self.count}"


def this_rank(environment: Mapping[str, str] | None = None) -> Rank:
    """Alone, unless WORLD_SIZE says that there are others. UsageError: half of what torchrun sets is missing.

    environment: the variables; None: this process's.
    """
    given = os.environ if environment is None else environment
    if given.get("WORLD_SIZE", "1") == "1":
        return Rank()
    missing = [name for name in NEEDED if name not in given]
    if missing:
        raise UsageError(
            f"WORLD_SIZE is {given['WORLD_SIZE']}, but {', '.join(missing)} not set; start several processes with: "
            "torchrun --nproc-per-node=2 -m dlcli train ..., or unset WORLD_SIZE"
        )
    try:
        rank = Rank(*(int(given[name]) for name in NEEDED[:4]))
    except ValueError:
        raise UsageError(f"{', '.join(NEEDED[:4])}: expected whole numbers, as torchrun sets them") from None
    if not 0 <= rank.number < rank.count:
        raise UsageError(f"RANK is {rank.number}; expected a number below {rank.count}, that of WORLD_SIZE")
    return rank
