"""What can be set for any training, each option once. Light: the command line reads it without torch."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dlcli.tasks.options import option

MODEL, LEARNING, PICTURES, RUN = "Network", "Optimization", "Data", "Run"


class Precision(StrEnum):
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """Options of every `dlcli train ...`; a task adds its own and overrides defaults and help texts."""

    data: Annotated[Path, typer.Argument(metavar="DATA", help="A labelled data set, its layout found by looking.")]
    out: Annotated[Path, option("The folder of this run; a new one, or --resume.", "--out", "-o", panel=RUN)]
    split: Annotated[str, option("The list of pictures to learn from.", panel=PICTURES)] = "train"
    val_split: Annotated[str, option("The list of pictures that chooses the best weights.", panel=PICTURES)] = "val"
    skip_bad: Annotated[bool, option("Leave bad pictures out instead of stopping.", "--skip-bad", panel=PICTURES)] = (
        False
    )
    from_: Annotated[
        str,
        option(
            "Start from: imagenet, none, a bundled model, a run's folder, or a .safetensors file.",
            "--from",
            panel=MODEL,
        ),
    ] = "imagenet"
    size: Annotated[
        int, option("Side of the network's input in pixels, a multiple of 32.", panel=MODEL, min=32, max=1024)
    ] = 224
    start_size: Annotated[
        int, option("Side during the first half of the epochs; 0: --size throughout.", panel=LEARNING, min=0, max=1024)
    ] = 0
    freeze: Annotated[
        int,
        option(
            "Leave the first N stages of the backbone as they are: the stem, then its 16 blocks; 0 trains all, "
            "and so does --from none.",
            panel=MODEL,
            min=0,
            max=17,
        ),
    ] = 4
    epochs: Annotated[int, option("Passes over the pictures.", panel=LEARNING, min=1)] = 20
    batch: Annotated[int, option("Pictures a step.", panel=LEARNING, min=1)] = 16
    lr: Annotated[float, option("Peak learning rate of all but the backbone.", panel=LEARNING, min=0)] = 1.5e-3
    backbone_lr: Annotated[float, option("Peak learning rate of the backbone.", panel=LEARNING, min=0)] = 3e-4
    weight_decay: Annotated[float, option("Weight decay of AdamW.", panel=LEARNING, min=0)] = 0.02
    warmup: Annotated[
        int, option("Steps over which the rate rises; at most a quarter of all.", panel=LEARNING, min=0)
    ] = 300
    clip: Annotated[float, option("Largest norm of the gradient; 0: any.", panel=LEARNING, min=0)] = 10.0
    ema: Annotated[float, option("Decay of the weights' moving average.", panel=LEARNING, min=0, max=1)] = 0.999
    balance: Annotated[
        float,
        option("Draw classes in fewer pictures than this share more often; 0: never.", panel=PICTURES, min=0, max=1),
    ] = 0.1
    seed: Annotated[int, option("Seed of every random number.", panel=RUN, min=0)] = 0
    workers: Annotated[int, option("Processes that make pictures; 0: none.", panel=RUN, min=0)] = 1
    threads: Annotated[int, option("Threads of the network; 0: as many as there are cores.", panel=RUN, min=0)] = 0
    precision: Annotated[
        Precision, option("bfloat16: quicker on processors that know it; weights stay float32.", panel=RUN)
    ] = Precision.FLOAT32
    eval_every: Annotated[int, option("Measure on the val list every so many epochs.", panel=RUN, min=1)] = 1
    checkpoint_minutes: Annotated[float, option("Also keep a checkpoint every so many minutes.", panel=RUN, min=0)] = (
        10.0
    )
    resume: Annotated[bool, option("Go on with the run in --out, as it was set.", "--resume", panel=RUN)] = False
    quiet: Annotated[bool, option("No progress and no summary.", "--quiet", "-q", panel=RUN)] = False
