"""What can be set for any training on labels, each option once. Light: the command line reads it without torch."""

from pathlib import Path
from typing import Annotated

import typer

from dlcli.frozen import dataclass
from dlcli.tasks.options import THERE, option
from dlcli.training.cache.names import CacheName
from dlcli.training.engine_options import IMAGES, LEARNING, MODEL, RUN, EngineOptions


@dataclass(frozen=True, kw_only=True)
class TrainingOptions(EngineOptions):
    """Options of every `dlcli train ...` on labels; a task adds its own and overrides defaults and help texts."""

    data: Annotated[Path, typer.Argument(metavar="DATA", help="A labeled data set; its format is detected.", **THERE)]
    split: Annotated[str, option("Training split.", panel=IMAGES, metavar="NAME")] = "train"
    val_split: Annotated[
        str, option("Validation split; selects the best checkpoint.", panel=IMAGES, metavar="NAME")
    ] = "val"
    val_share: Annotated[
        float,
        option(
            "Fraction of each class held out for validation, where there is no val split.",
            panel=IMAGES,
            min=0.01,
            max=0.9,
        ),
    ] = 0.2
    kfold: Annotated[
        int,
        option(
            "Cross-validation: train K times below RUN/fold-N, each time with another of K parts of --split held out.",
            panel=IMAGES,
            min=0,
            max=100,
            metavar="K",
        ),
    ] = 0
    fold: Annotated[
        int, option("With --kfold: only this fold, from 1; 0: all in turn.", panel=IMAGES, min=0, max=100)
    ] = 0
    no_flip: Annotated[bool, option("No horizontal flips: for text, digits, hands.", "--no-flip", panel=IMAGES)] = False
    degrees: Annotated[float, option("Largest random rotation, either way; 0: none.", panel=IMAGES, min=0, max=180)] = (
        0.0
    )
    skip_bad: Annotated[bool, option("Skip bad images instead of stopping.", "--skip-bad", panel=IMAGES)] = False
    from_: Annotated[
        str,
        option(
            "Start from: imagenet, none, a bundled model, a run's folder, or a .safetensors file.",
            "--from",
            panel=MODEL,
            metavar="MODEL|RUN",
        ),
    ] = "imagenet"
    size: Annotated[
        int, option("Side of the network's input in pixels, a multiple of 32.", panel=MODEL, min=32, max=1024)
    ] = 224
    start_size: Annotated[
        int,
        option("Input side in the first half of the epochs; 0: --size throughout.", panel=LEARNING, min=0, max=1024),
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
    epochs: Annotated[int, option("Number of epochs.", panel=LEARNING, min=1)] = 20
    batch: Annotated[
        str, option("Batch size; auto: as many images as memory holds, measured.", panel=LEARNING, metavar="N|auto")
    ] = "16"
    lr: Annotated[float, option("Peak learning rate of all but the backbone.", panel=LEARNING, min=0)] = 1.5e-3
    lr_find: Annotated[
        bool,
        option(
            "Learning-rate range test: trains nothing, proposes --lr, draws the curve (OUT/lr-find.png).",
            "--lr-find",
            panel=LEARNING,
        ),
    ] = False
    backbone_lr: Annotated[float, option("Peak learning rate of the backbone.", panel=LEARNING, min=0)] = 3e-4
    weight_decay: Annotated[float, option("Weight decay, of all but norms and biases.", panel=LEARNING, min=0)] = 0.02
    warmup: Annotated[int, option("Linear warm-up steps; at most a quarter of the run.", panel=LEARNING, min=0)] = 300
    clip: Annotated[float, option("Gradient clipping: maximum norm; 0 disables.", panel=LEARNING, min=0)] = 10.0
    lr_wait: Annotated[
        int, option("Validations without a better metric that --schedule plateau bears.", panel=LEARNING, min=0)
    ] = 3
    patience: Annotated[
        int,
        option("Early stopping: end after N epochs without a better metric; 0: never.", panel=LEARNING, min=0),
    ] = 0
    dropout: Annotated[
        float | None,
        option("Dropout in place of the network's own, where it has any.", panel=LEARNING, min=0, max=0.95),
    ] = None
    ema: Annotated[float, option("EMA decay of the weights.", panel=LEARNING, min=0, max=1)] = 0.999
    balance: Annotated[
        float,
        option(
            "Repeat-factor sampling: oversample classes present in less than this fraction of images; 0 disables.",
            panel=IMAGES,
            min=0,
            max=1,
        ),
    ] = 0.1
    workers: Annotated[int, option("Data-loading worker processes; 0: load in the main process.", panel=RUN, min=0)] = 1
    cache: Annotated[
        CacheName,
        option("Keep the decoded training images, in memory or in a file of --out, while it learns.", panel=RUN),
    ] = CacheName.NONE
    eval_every: Annotated[int, option("Validate every N epochs.", panel=RUN, min=1)] = 1
