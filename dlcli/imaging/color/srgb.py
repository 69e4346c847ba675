"""sRGB (IEC 61966-2-1), the color space of all that dlcli looks at and draws, and how it is recognized."""

from functools import lru_cache

import numpy as np

from dlcli.imaging.color.icc import GRAY, RGB, Curve, Profile, make_profile, to_xyz

D65 = (0.3127, 0.3290)
PRIMARIES = (D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
CURVE = Curve(kind=3, parameters=(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
PROFILE = make_profile("sRGB", PRIMARIES, CURVE)
_NAMES = ("srgb", "c2", "urgb")  # begin the descriptions of profiles that are meant to be sRGB
_NEAR, _NAMED_NEAR = 2 / 255, 8 / 255  # of a sample; small profiles have rough curves
_COLORANTS_NEAR = 0.004  # of XYZ


@lru_cache(maxsize=64)
def is_srgb(profile: bytes) -> bool:
    """Whether samples under this profile are sRGB already, or sRGB's gray: judged by its numbers, in a millisecond.

    One of tables alone is judged by its name. What is neither of RGB nor of gray is not.
    """
    found = Profile(profile)
    name = found.description().lower()
    named = name.startswith(_NAMES)
    if found.has_table():
        return named
    curves = found.curves()
    if found.space not in (RGB, GRAY) or curves is None:
        return False
    if found.space == RGB:
        matrix = found.matrix()
        if matrix is None or np.abs(matrix - to_xyz(PRIMARIES)).max() > _COLORANTS_NEAR:
            return False
    steps = np.linspace(0, 1, 52)
    near = _NAMED_NEAR if named else _NEAR
    return all(np.abs(encoded(curve(steps)) - steps).max() <= near for curve in curves)


def encoded(light: np.ndarray) -> np.ndarray:
    """Linear light in [0, 1], float of any shape -> sRGB samples in [0, 1]; what lies outside is clipped."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
