"""How many bytes an image needs on its way, by its header; limit.py holds it against --max-memory.

The way has stages: reading, each --pre step, predicting, each kind of file. What is alive at the same time is added,
and the largest stage is the need. imaging/footprint.py has what images take, `Task.memory` what a task takes of it.
"""

from collections.abc import Sequence
from typing import Any

from dlcli.imaging.footprint import DEEP, READ, Changed, Stored, after, pixel_bytes
from dlcli.imaging.steps.chain import Step
from dlcli.tasks.contract import Task
from dlcli.tasks.memory import MemoryModel

KEPT, KEPT_ONCE = 16, 4_000  # a record that is kept for reports: bytes a character of its line, and beside
THUMBNAILS, THUMBNAIL = 2_000, 40_000  # images that --report html shows, and bytes of each
PLAIN = Stored()


def estimate(
    task: Task,
    options: Any,
    steps: Sequence[Step],
    saves: Sequence[str],
    width: int,
    height: int,
    keep_16_bit: bool = False,
    stored: Stored = PLAIN,
) -> int:
    """Bytes that an image of width x height pixels needs at its peak, beyond what the loaded program holds.

    steps, saves: of the run. keep_16_bit: the task takes 16 bits where the file has them.
    """
    return max(stages(task, options, steps, saves, width, height, keep_16_bit, stored).values())


def stages(
    task: Task,
    options: Any,
    steps: Sequence[Step],
    saves: Sequence[str],
    width: int,
    height: int,
    keep_16_bit: bool,
    stored: Stored,
    model: MemoryModel | None = None,
) -> dict[str, int]:
    """Bytes at each stage of the way, by what is done there: "to read it", "for --pre clahe" ...

    model: in place of the task's own.
    """
    deep = keep_16_bit and stored.kind in DEEP
    pixels, model = width * height, model or task.memory
    image = pixel_bytes(pixels, deep)
    found = {"to read it": READ[stored.kind][deep] * pixels + stored.file + stored.extra}
    changed = Changed(width, height, deep)
    for step in steps:
        changed, need = after(step, changed)
        found[f"for --pre {step.name}"] = max(image + need, found.get(f"for --pre {step.name}", 0))
    predicting, result = model.prediction(options, changed, pixels)
    again = stored.file + stored.extra if model.reads_again else 0
    found["to predict"] = image + changed.held + predicting + again
    for save in model.ordered(saves):
        saving = model.saving(options, save, changed, pixels, stored.suffix)
        found[f"for --save {save}"] = image + result + again + saving
        result += model.left.get(save, 0) * max(pixels, changed.pixels)
    return {name: round(need) for name, need in found.items()}
