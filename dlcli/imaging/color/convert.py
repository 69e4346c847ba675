"""Pixels under a color profile to sRGB: 8 bits by littleCMS, which is loaded when the first such image comes."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcli.imaging.color import srgb
from dlcli.imaging.color.icc import CMYK, GRAY, RGB, Profile, to_xyz
from dlcli.imaging.depth import to_8_bit

if TYPE_CHECKING:
    from PIL import Image

_STRIP = 1 << 18  # pixels that are worked on at a time


def needs_conversion(profile: bytes) -> bool:
    """Whether RGB pixels of a file with this profile (b"": none) are other colors than their numbers say in sRGB."""
    return profile[16:20] in (RGB, GRAY) and not srgb.is_srgb(profile)


def to_srgb(pixels: np.ndarray, profile: bytes) -> np.ndarray:
    """RGB [H, W, 3], uint8 or uint16, in the space of the profile -> the same in sRGB, perceptual intent.

    The array itself is given back where there is nothing to do: no profile, sRGB, one of other channels, or one that
    cannot be used. A profile of gray takes equal channels; its curve is worked out here, which littleCMS rounds
    coarsely in the darks. So is a matrix for uint16, since Pillow reaches littleCMS for 8 bits alone; uint16 under a
    profile of tables becomes uint8.
    """
    if not needs_conversion(profile):
        return pixels
    found = Profile(profile)
    if found.space == GRAY:
        return _by_shades(pixels, found)
    light = _light(profile) if pixels.dtype == np.uint16 else None
    if light is not None:
        return _by_matrix(pixels, *light)
    transform = _transform(profile, "RGB")
    return pixels if transform is None else _by_transform(to_8_bit(pixels), transform)


def cmyk_to_rgb(image: "Image.Image", profile: bytes) -> "Image.Image":
    """A loaded CMYK image -> RGB: sRGB by its profile, or else by Pillow's plain conversion."""
    transform = _transform(profile, "CMYK") if profile[16:20] == CMYK else None
    return image.convert("RGB") if transform is None else transform.apply(image)


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> Any:
    """Pillow's transform from `mode` to RGB; None for a profile that littleCMS refuses."""
    import io

    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.ImageCmsProfile(io.BytesIO(srgb.PROFILE))
        return ImageCms.buildTransform(source, target, mode, "RGB", ImageCms.Intent.PERCEPTUAL)
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None


def _by_shades(pixels: np.ndarray, profile: Profile) -> np.ndarray:
    curves = profile.curves()
    if curves is None:
        return pixels
    top = np.iinfo(pixels.dtype).max
    table = np.rint(top * srgb.encoded(curves[0](np.arange(top + 1) / top))).astype(pixels.dtype)
    return np.take(table, pixels)


def _by_transform(pixels: np.ndarray, transform: Any) -> np.ndarray:
    """Strip by strip, so that Pillow's copies, of four bytes a pixel, stay small."""
    from PIL import Image

    out = np.empty_like(pixels)
    rows = max(1, _STRIP // max(1, pixels.shape[1]))
    for top in range(0, len(pixels), rows):
        strip = np.ascontiguousarray(pixels[top : top + rows])
        out[top : top + rows] = np.asarray(transform.apply(Image.fromarray(strip)))
    return out


@lru_cache(maxsize=4)
def _light(profile: bytes) -> tuple[np.ndarray, np.ndarray] | None:
    """(float32 [3, 65536]: linear light of each sample, float64 [3, 3]: to sRGB's); None for a profile of tables."""
    found = Profile(profile)
    curves, own = found.curves(), found.matrix()
    if found.has_table() or curves is None or own is None:
        return None
    levels = np.arange(65536) / 65535
    tables = np.stack([curve(levels) for curve in curves]).astype(np.float32)
    return tables, np.linalg.inv(to_xyz(srgb.PRIMARIES)) @ own


def _by_matrix(pixels: np.ndarray, tables: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    out = np.empty_like(pixels)
    rows = max(1, _STRIP // max(1, pixels.shape[1]))
    for top in range(0, len(pixels), rows):
        strip = pixels[top : top + rows]
        light = np.stack([tables[c][strip[..., c]] for c in range(3)], axis=2)  # [h, W, 3]
        out[top : top + rows] = np.rint(65535 * srgb.encoded(light @ matrix.T.astype(np.float32)))
    return out
