"""A score as JSON and as people read it; the eval commands share it."""

import math


def number(value: float) -> float | None:
    """Six decimals; null where there is no value."""
    return None if math.isnan(value) else round(float(value), 6)


def shown(value: float) -> str:
    """Four decimals; "-" where there is no value."""
    return "-" if math.isnan(value) else f"{value:.4f}"
