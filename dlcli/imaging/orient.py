"""Turns pixels upright by the EXIF orientation tag (CIPA DC-008, tag 0x0112)."""

import cv2
import numpy as np


def turn(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """[H, W, C] as stored -> upright; 5 to 8 swap height and width. 1 returns the same array."""
    match orientation:
        case 2:
            return cv2.flip(pixels, 1)  # mirrored left to right
        case 3:
            return cv2.rotate(pixels, cv2.ROTATE_180)
        case 4:
            return cv2.flip(pixels, 0)  # mirrored top to bottom
        case 5:
            return cv2.transpose(pixels)
        case 6:
            return cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE)
        case 7:
            return cv2.rotate(cv2.transpose(pixels), cv2.ROTATE_180)  # over the other diagonal
        case 8:
            return cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return pixels
