"""The curve of a range test as an image."""

from io import BytesIO

from dlcli.training.lr_find.curve import TOO_HIGH, RangeCurve


def draw_range(curve: RangeCurve, proposed: float | None) -> bytes:
    """PNG: the loss of each step and its mean around it over the learning rate, the proposal marked."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axis = figure.subplots()
    axis.plot(curve.rates, curve.losses, color="0.8", linewidth=1, label="loss of a step")
    axis.plot(curve.rates, curve.smooth, label="mean around it")
    if proposed is not None:
        axis.axvline(proposed, color="C2", linestyle="--", label=f"falls fastest: {proposed:g}")
    low, high = min(curve.losses, default=0.0), max(curve.smooth, default=1.0)
    axis.set(xscale="log", xlabel="learning rate", ylabel="loss", title="learning-rate range test")
    axis.set_ylim(
        low - 0.1 * abs(low), min(high, TOO_HIGH * max(low, curve.losses[0] if curve.losses else 1.0)) + 0.1 * abs(low)
    )
    axis.grid(alpha=0.3)
    axis.legend()
    buffer = BytesIO()
    figure.savefig(buffer, dpi=110)
    return buffer.getvalue()
