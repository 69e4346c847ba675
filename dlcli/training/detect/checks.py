"""What `dlcli train detect` refuses before any work, beyond what an option's own range can say."""

from dlcli.errors import UsageError
from dlcli.training.detect.options import DetectTraining

LEVELS = 4
LARGEST_SIDE = 8192.0


def check_options(options: DetectTraining) -> None:
    """UsageError names the option, its value and what was expected."""
    for name, size in (("--size", options.size), ("--start-size", options.start_size)):
        if size % 64:
            raise UsageError(f"{name} {size}: expected a multiple of 64, such as 320")
    if options.negative > options.positive:
        raise UsageError(f"--negative {options.negative}: expected at most --positive {options.positive}")
    parse_sides(options.sides)


def check_batch(options: DetectTraining, images: int) -> None:
    """UsageError where batch normalization would see a single value: one image, whose last level is one cell."""
    smallest = min(size for size in (options.size, options.start_size) if size)
    if min(options.batch, images) == 1 and smallest == 64:
        raise UsageError("one image a step at 64 pixels: expected --batch 2 or more, or --size 128 or more")


def parse_sides(text: str) -> tuple[float, ...]:
    """ "24,56,112,208" -> numbers, one a level. UsageError for anything else."""
    try:
        sides = tuple(float(word) for word in text.split(","))
    except ValueError:
        sides = ()
    if len(sides) != LEVELS or not all(0 < side <= LARGEST_SIDE for side in sides):
        raise UsageError(f"--sides {text}: expected {LEVELS} lengths in pixels, such as 24,56,112,208")
    return sides
