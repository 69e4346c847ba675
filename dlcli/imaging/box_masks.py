"""Masks guessed from boxes: GrabCut (Rother et al., SIGGRAPH 2004) inside each box, for images without masks."""

import cv2
import numpy as np

BACKGROUND, VOID = 0, 255
SIDE = 192  # a box and its surroundings are cut at this size; the mask needs no more detail
MARGIN = 0.25  # of the box's sides, on each side: what GrabCut learns the background from
ITERATIONS = 3
PLAUSIBLE = (0.15, 0.95)  # share of its box that an object fills
CORE = 0.2  # of a side, cut from each edge: where the mask is implausible, only the box's middle is the object


def mask_from_boxes(pixels: np.ndarray, xyxy: np.ndarray, values: np.ndarray, unsure: np.ndarray) -> np.ndarray:
    """uint8 [H, W]: a value where an object is thought to be, BACKGROUND outside every box, VOID where it is not clear.

    pixels: uint8 [H, W, 3]. xyxy: float32 [N, 4] in pixels. values: uint8 [N], what an object's pixels become.
    unsure: bool [N], boxes that become VOID as a whole (difficult or crowd). Small boxes go over large ones, for
    what is small is usually in front.
    """
    mask = np.zeros(pixels.shape[:2], np.uint8)
    areas = (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1])
    for i in np.argsort(-areas, kind="stable"):
        x1, y1, x2, y2 = inside(xyxy[i], mask.shape)
        if x2 - x1 < 2 or y2 - y1 < 2:
            continue
        part = mask[y1:y2, x1:x2]
        if unsure[i]:
            part[part == BACKGROUND] = VOID
            continue
        found, clear = cut_out(pixels, (x1, y1, x2, y2))
        part[~clear & (part == BACKGROUND)] = VOID
        part[found & clear] = values[i]
    return mask


def inside(box: np.ndarray, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The box in whole pixels, within an image of shape (height, width)."""
    (x1, y1), (x2, y2) = np.floor(box[:2]).astype(int), np.ceil(box[2:]).astype(int)
    return max(0, int(x1)), max(0, int(y1)), min(shape[1], int(x2)), min(shape[0], int(y2))


def cut_out(pixels: np.ndarray, box: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(object, clear), each bool of the box's size; what is not clear is neither object nor background."""
    x1, y1, x2, y2 = box
    dx, dy = round((x2 - x1) * MARGIN) + 2, round((y2 - y1) * MARGIN) + 2
    left, top = max(0, x1 - dx), max(0, y1 - dy)
    window = pixels[top : min(pixels.shape[0], y2 + dy), left : min(pixels.shape[1], x2 + dx)]
    scale = min(1.0, SIDE / max(window.shape[:2]))
    size = max(2, round(window.shape[1] * scale)), max(2, round(window.shape[0] * scale))
    small = cv2.resize(window, size, interpolation=cv2.INTER_AREA)
    rect = (round((x1 - left) * scale), round((y1 - top) * scale), round((x2 - x1) * scale), round((y2 - y1) * scale))
    found = grab_cut(small, rect)
    whole = cv2.resize(found, window.shape[1::-1], interpolation=cv2.INTER_LINEAR)[
        y1 - top : y2 - top, x1 - left : x2 - left
    ]
    if not PLAUSIBLE[0] < (whole > 0.5).mean() < PLAUSIBLE[1]:
        return core(whole.shape)
    return whole > 0.5, (whole < 0.25) | (whole > 0.75)


def grab_cut(pixels: np.ndarray, rect: tuple[int, int, int, int]) -> np.ndarray:
    """float32 [H, W]: 1 where the object is, 0 elsewhere. rect: x, y, width, height of its box."""
    trimap = np.full(pixels.shape[:2], cv2.GC_BGD, np.uint8)
    x, y, w, h = rect
    trimap[y : y + max(h, 1), x : x + max(w, 1)] = cv2.GC_PR_FGD
    if (trimap == cv2.GC_BGD).sum() < trimap.size * 0.02:  # the box is the image: its rim stands for the background
        trimap[:2] = trimap[-2:] = trimap[:, :2] = trimap[:, -2:] = cv2.GC_BGD  # type: ignore[index]
    background, thing = np.zeros((1, 65)), np.zeros((1, 65))  # the color models, which OpenCV fills
    cv2.setRNGSeed(0)
    try:
        cv2.grabCut(pixels, trimap, (0, 0, 0, 0), background, thing, ITERATIONS, cv2.GC_INIT_WITH_MASK)
    except cv2.error:  # nothing to tell apart, such as a single color
        return np.zeros(trimap.shape, np.float32)
    return ((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)).astype(np.float32)


def core(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The middle of the box is the object, the rest is not clear."""
    dy, dx = int(shape[0] * CORE), int(shape[1] * CORE)
    found = np.zeros(shape, bool)
    found[dy : shape[0] - dy, dx : shape[1] - dx] = True
    return found, found.copy()
