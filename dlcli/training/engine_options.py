"""What can be set of the engine that runs every training, with labels or without. Light."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from dlcli.frozen import dataclass
from dlcli.tasks.options import option
from dlcli.training.optimization.names import OptimizerName, ScheduleName

OUTPUT, MODEL, LEARNING, IMAGES, RUN = "Output", "Network", "Optimization", "Data", "Run"


class Precision(StrEnum):
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """Options of every `dlcli train ...`, with labels or without."""

    out: Annotated[Path, option("Folder of this run; a new one, or with --resume.", "--out", "-o", panel=OUTPUT)]
    optimizer: Annotated[
        OptimizerName,
        option("sgd and momentum want about ten times the --lr of the others.", panel=LEARNING),
    ] = OptimizerName.ADAMW
    momentum: Annotated[
        float, option("Momentum of --optimizer momentum and rmsprop.", panel=LEARNING, min=0, max=0.999)
    ] = 0.9
    schedule: Annotated[
        ScheduleName,
        option(
            "Learning rate after the warm-up: half a cosine, cosines that begin again, steps down (--lr-steps), a step "
            "down where the metric stalls (--lr-wait), or constant.",
            panel=LEARNING,
        ),
    ] = ScheduleName.COSINE
    cycles: Annotated[
        int,
        option("Cycles of --schedule warm-restarts, each twice as long as the last.", panel=LEARNING, min=1, max=16),
    ] = 3
    lr_steps: Annotated[
        str, option("Where --schedule step goes down, as fractions of the run.", panel=LEARNING, metavar="LIST")
    ] = "0.6,0.85"
    lr_factor: Annotated[
        float,
        option("What --schedule step and plateau multiply the learning rate by.", panel=LEARNING, min=0.001, max=1),
    ] = 0.1
    clip_value: Annotated[
        float, option("Gradient clipping: largest value of each; 0 disables.", panel=LEARNING, min=0)
    ] = 0.0
    accumulate: Annotated[
        int,
        option("Batches whose gradients are averaged into one step.", panel=LEARNING, min=1),
    ] = 1
    seed: Annotated[int, option("Seed of every random number.", panel=RUN, min=0)] = 0
    device: Annotated[
        str,
        option(
            "Where the network learns; auto takes the fastest there is.", panel=RUN, metavar="auto|cpu|cuda[:N]|mps"
        ),
    ] = "auto"
    deterministic: Annotated[
        bool,
        option("Only algorithms that give the same bits each time, or an error.", "--deterministic", panel=RUN),
    ] = False
    threads: Annotated[int, option("Threads of the network; 0: one per core.", panel=RUN, min=0)] = 0
    precision: Annotated[
        Precision, option("bfloat16: faster on processors that support it; weights stay float32.", panel=RUN)
    ] = Precision.FLOAT32
    checkpoint_minutes: Annotated[float, option("Also write a checkpoint every N minutes.", panel=RUN, min=0)] = 10.0
    resume: Annotated[
        bool,
        option("Go on with the run in --out, whose own options hold; --epochs may grow.", "--resume", panel=OUTPUT),
    ] = False
    config: Annotated[
        Path | None, option("A TOML file with any options of this command: lr = 0.01.", panel=RUN, metavar="FILE")
    ] = None
    from_run: Annotated[
        Path | None, option("Begin with the options of another run, and its DATA.", panel=RUN, metavar="RUN")
    ] = None
    tensorboard: Annotated[
        bool,
        option(
            "Also write each epoch's numbers for TensorBoard, in RUN/tensorboard; needs the extra [tensorboard].",
            "--tensorboard",
            panel=RUN,
        ),
    ] = False
    debug: Annotated[bool, option("Show the traceback on internal errors.", "--debug", panel=RUN)] = False
    quiet: Annotated[bool, option("Print nothing but errors.", "--quiet", "-q", panel=RUN)] = False
