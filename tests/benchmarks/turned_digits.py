"""The spatial transformer on turned digits: accuracy with and without it in the same time, and what it makes of them.

    python -m tests.benchmarks.turned_digits SHEET.png      # needs scikit-learn, for its digits

Digits of 8 x 8 pixels, enlarged and turned by up to 90 degrees, none twice alike. One network, in front of which the
spatial transformer stands or not; the one without learns for as many more epochs as fit into the same processor time.
"""

import sys
from pathlib import Path
from time import process_time

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.imaging.writer import write_image
from dlcli.nets.classifiers.spatial_transformer import StnClassifier, affine_grid

SIDE, MOST, BATCH, EPOCHS, SEEDS = 32, 90.0, 64, 10, (0,)
ACROSS = 16  # digits of the sheet


def main(sheet: Path) -> None:
    torch.set_num_threads(1)
    digits, labels = read_digits()
    for seed in SEEDS:
        with_it, seconds = learned(digits, labels, seed, True, epochs=EPOCHS)
        print(told("with", with_it, digits, labels), f"{EPOCHS} epochs {seconds:.1f} s", flush=True)
        _, one = learned(digits, labels, seed, False, epochs=2)
        epochs = max(1, round(2 * seconds / one))
        without, seconds = learned(digits, labels, seed, False, epochs)
        print(told("without", without, digits, labels), f"{epochs} epochs {seconds:.1f} s", flush=True)
    write_image(sheet, drawn(with_it, digits))


def read_digits() -> tuple[Tensor, Tensor]:
    """Float32 [1797, 3, 32, 32] in [-1, 1], upright, and int64 [1797]; the last 397 are measured on."""
    from sklearn.datasets import load_digits

    data = load_digits()
    small = torch.from_numpy(data.images.astype(np.float32))[:, None] / 8 - 1
    whole = F.interpolate(F.pad(small, (2, 2, 2, 2), value=-1.0), (SIDE, SIDE), mode="bilinear", align_corners=False)
    return whole.expand(-1, 3, -1, -1).contiguous(), torch.from_numpy(data.target).long()


def turned(images: Tensor, degrees: Tensor) -> Tensor:
    """Each image about its center. degrees: [B]."""
    angle = torch.deg2rad(degrees)
    zero = torch.zeros_like(angle)
    theta = torch.stack([angle.cos(), -angle.sin(), zero, angle.sin(), angle.cos(), zero], 1).view(-1, 2, 3)
    return F.grid_sample(images, affine_grid(theta, SIDE, SIDE), padding_mode="border", align_corners=False)


def at_random(images: Tensor, seed: int) -> Tensor:
    draws = torch.rand(len(images), generator=torch.Generator().manual_seed(seed))
    return turned(images, (2 * draws - 1) * MOST)


def learned(digits: Tensor, labels: Tensor, seed: int, straightens: bool, epochs: int) -> tuple[nn.Module, float]:
    """The network and the processor seconds that it took."""
    torch.manual_seed(seed)
    net = StnClassifier(10)
    if not straightens:
        net.stn = nn.Identity()  # type: ignore[assignment]
    began, count = process_time(), len(digits) - 397
    steps = epochs * (count // BATCH)
    optimizer = torch.optim.Adam(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    net.train()
    for step in range(steps):
        rows = torch.randint(count, (BATCH,))
        optimizer.zero_grad()
        F.cross_entropy(net(at_random(digits[rows], 1000 * seed + step)), labels[rows]).backward()
        optimizer.step()
        schedule.step()
    return net.eval(), process_time() - began


def told(name: str, net: nn.Module, digits: Tensor, labels: Tensor) -> str:
    with torch.inference_mode():
        right = net(at_random(digits[-397:], -1)).argmax(1) == labels[-397:]
    return f"{name:8} the spatial transformer: {right.float().mean():.4f} of 397 right,"


def drawn(net: nn.Module, digits: Tensor) -> np.ndarray:
    """uint8 [H, W, 3]: some digits upright, turned, and as the spatial transformer gives them."""
    upright = digits[-ACROSS:]
    given = at_random(upright, -1)
    with torch.inference_mode():
        rows = (upright, given, net.stn(given))  # type: ignore[operator]
    whole = torch.cat([torch.cat(list(row), 2) for row in rows], 1).permute(1, 2, 0)
    return ((whole + 1) * 127.5).clamp(0, 255).byte().numpy()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
