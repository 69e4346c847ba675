"""`--synthetic CLASS=RUN`: more images of a rare class, made by the generator of `dlcli train gan`, to learn from."""

from dataclasses import replace
from pathlib import Path

import torch

from dlcli.data.classes import ClassSet, ClassTarget
from dlcli.data.dataset import Item
from dlcli.errors import UsageError
from dlcli.imaging.writer import write_image
from dlcli.messages import did_you_mean, listed, plural
from dlcli.models.generator import TASK as GENERATOR
from dlcli.models.run_folder import RunFolder, read_run
from dlcli.nets.gan import Gan, build_gan
from dlcli.nets.weights import load_weights
from dlcli.training.classify.options import ClassifyTraining
from dlcli.training.log import TrainLog

FOLDER = "synthetic"  # below --out


def with_synthetic(options: ClassifyTraining, data: ClassSet, log: TrainLog) -> ClassSet:
    """The train set with the made images, which go into RUN/synthetic; the val set never has any.

    UsageError: no such class, or a run of another kind. MissingError: no such run, or one without weights.
    """
    if not options.synthetic:
        return data
    label, run = named(options, data)
    images = tuple(item for item in data.items if data.labels.index(label) in item.target)
    count = options.synthetic_count or len(images)
    folder = options.out / FOLDER
    paths = write_made(run, folder, count, options.seed)
    target: ClassTarget = (data.labels.index(label),)
    log.say(f"--synthetic: {plural(count, 'made image')} of {label} beside its {len(images):,}, in {folder}")
    return replace(data, items=(*data.items, *(Item(path, target) for path in paths)))


def named(options: ClassifyTraining, data: ClassSet) -> tuple[str, RunFolder]:
    """The class and the run. Errors as of with_synthetic."""
    label, sign, place = options.synthetic.partition("=")
    if not (sign and place):
        raise UsageError(f"--synthetic {options.synthetic}: expected CLASS=RUN, such as {data.labels[0]}=runs/gan")
    if label not in data.labels:
        near = did_you_mean(label, data.labels)
        raise UsageError(
            f"--synthetic {label}: expected one of the classes {listed(data.labels)}{'; ' if near else ''}{near}"
        )
    run = read_run(Path(place))
    if run.card.task != GENERATOR:
        raise UsageError(f"--synthetic {place}: expected a run of dlcli train gan, got one for {run.card.task}")
    return label, run


def write_made(run: RunFolder, folder: Path, count: int, seed: int) -> list[Path]:
    """FOLDER/000001.png and so on, the same for equal seeds; their paths."""
    net = build_gan(run.card)
    load_weights(run.weights, net)
    folder.mkdir(parents=True, exist_ok=True)
    latents = torch.randn(count, net.latent, generator=torch.Generator().manual_seed(seed))
    return [_write_one(net.eval(), latent, folder / f"{n:06}.png") for n, latent in enumerate(latents, 1)]


def _write_one(net: Gan, latent: torch.Tensor, path: Path) -> Path:
    with torch.inference_mode():
        image = net.generator(latent[None])[0].permute(1, 2, 0)  # [S, S, 3] in [-1, 1]
    write_image(path, ((image + 1) * 127.5).clamp(0, 255).round().byte().numpy())
    return path
