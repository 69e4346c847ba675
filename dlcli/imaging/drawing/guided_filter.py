"""The guided filter: a mask is made to follow the edges of the image that it is of.

Kaiming He, Jian Sun, Xiaoou Tang, "Guided Image Filtering", ECCV 2010, equations 14 to 16 (a guide in color); computed
on a smaller image and applied to the whole, as in "Fast Guided Filter" (He and Sun, 2015).
"""

import cv2
import numpy as np


def guided_filter(guide: np.ndarray, target: np.ndarray, radius: int, eps: float) -> np.ndarray:
    """float32 [H, W]: in each window it is linear in the guide, and as near to the target as that allows.

    guide: float32 [H, W, 3] in [0, 1]. target: float32 [H, W]. radius: windows are 2 radius + 1 pixels wide, edges are
    mirrored. eps: variance of the guide, of a channel, below which a window counts as flat.
    """
    found = coefficients(guide, target, radius, eps)
    return np.asarray((found[..., :3] * guide).sum(2) + found[..., 3])


def coefficients(guide: np.ndarray, target: np.ndarray, radius: int, eps: float) -> np.ndarray:
    """float32 [H, W, 4]: (a, b) of target = a . guide + b, the mean over all windows that a pixel lies in."""
    mean_guide, mean_target = _mean(guide, radius), _mean(target, radius)
    spread = _mean(guide * target[..., None], radius) - mean_guide * mean_target[..., None]  # [H, W, 3]
    products = guide[..., :, None] * guide[..., None, :]  # [H, W, 3, 3]
    covariance = _mean(products.reshape(*guide.shape[:2], 9), radius).reshape(products.shape)
    covariance = covariance - mean_guide[..., :, None] * mean_guide[..., None, :] + eps * np.eye(3, dtype=np.float32)
    slope = np.linalg.solve(covariance.astype(np.float64), spread[..., None].astype(np.float64))[..., 0]  # [H, W, 3]
    offset = mean_target - (slope * mean_guide).sum(2)
    return _mean(np.dstack([slope, offset]).astype(np.float32), radius)


def _mean(values: np.ndarray, radius: int) -> np.ndarray:
    """Of each window, channel by channel."""
    size = 2 * radius + 1, 2 * radius + 1
    planes = np.split(values, values.shape[2], 2) if values.ndim == 3 else [values]
    means = [cv2.blur(np.ascontiguousarray(plane), size, borderType=cv2.BORDER_REFLECT) for plane in planes]
    return np.dstack(means) if values.ndim == 3 else means[0]
