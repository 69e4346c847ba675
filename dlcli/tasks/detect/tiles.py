"""Large images in overlapping squares: small things keep their size, cut ones give way to whole ones."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dlcli.console import QUIET, Console
from dlcli.imaging.geometry import tile_grid
from dlcli.ops.boxes import box_area, box_intersection
from dlcli.ops.nms import nms_per_class
from dlcli.records import Boxes
from dlcli.runtime.deadline import check

EDGE = 2.0  # pixels: a box this near to a tile's inner edge is taken for cut


def detect_in_tiles(
    detect: Callable[["np.ndarray"], Boxes],
    pixels: "np.ndarray",
    size: int,
    overlap: float,
    iou: float,
    console: Console = QUIET,
) -> Boxes:
    """Boxes of the whole image and of each tile, merged: uint8 [H, W, 3] -> best first.

    Whole boxes go through NMS per class. A box that an inner edge of its tile cuts stays only if no whole box of
    its class covers half of it. console: shows how many are done. ImageError of kind "timeout" between tiles, see
    runtime/deadline.py.
    """
    height, width = pixels.shape[:2]
    tiles = tile_grid(width, height, size, overlap)
    if len(tiles) == 1:
        return detect(pixels)
    whole, cut = [detect(pixels)], []
    with console.progress("tiles", len(tiles)) as bar:
        for done, tile in enumerate(tiles):
            check(f"after {done} of {len(tiles)} tiles", stopped=True)
            x1, y1, x2, y2 = tile
            found = detect(np.ascontiguousarray(pixels[y1:y2, x1:x2]))
            found = replace(found, xyxy=found.xyxy + np.array([x1, y1, x1, y1], np.float32))
            is_cut = _touches_inner_edge(found.xyxy, tile, width, height)
            whole.append(found[~is_cut])
            cut.append(found[is_cut])
            bar.step()
    kept = nms_per_class(_joined(whole), iou)
    loose = nms_per_class(_joined(cut), iou)
    together = _joined([kept, loose[~_covered(loose, kept)]])
    return together[np.argsort(-together.scores, kind="stable")]


def _touches_inner_edge(xyxy: "np.ndarray", tile: tuple[int, int, int, int], width: int, height: int) -> "np.ndarray":
    x1, y1, x2, y2 = tile
    touched = np.zeros(len(xyxy), bool)
    touched |= (xyxy[:, 0] <= x1 + EDGE) & (x1 > 0)
    touched |= (xyxy[:, 1] <= y1 + EDGE) & (y1 > 0)
    touched |= (xyxy[:, 2] >= x2 - EDGE) & (x2 < width)
    touched |= (xyxy[:, 3] >= y2 - EDGE) & (y2 < height)
    return touched


def _covered(boxes: Boxes, by: Boxes) -> "np.ndarray":
    """Bool [N]: at least half of the box lies within one box of its class."""
    share = box_intersection(boxes.xyxy, by.xyxy) / np.maximum(box_area(boxes.xyxy), 1e-6)[:, None]
    same = boxes.class_ids[:, None] == by.class_ids[None, :]
    return ((share >= 0.5) & same).any(1)


def _joined(parts: list[Boxes]) -> Boxes:
    return Boxes(
        np.concatenate([part.xyxy for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.class_ids for part in parts]),
    )
