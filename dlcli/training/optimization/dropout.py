"""`--dropout`: in place of the network's own."""

from torch import nn
from torch.nn.modules.dropout import _DropoutNd

from dlcli.errors import UsageError


def set_dropout(net: nn.Module, share: float | None) -> None:
    """Each value, or whole channel, is zeroed with this probability while learning (arXiv:1207.0580).

    None: leave what the network has. UsageError: it has no layer for it.
    """
    if share is None:
        return
    layers = [layer for layer in net.modules() if isinstance(layer, _DropoutNd)]
    if not layers:
        raise UsageError(f"--dropout {share:g}: this network has no dropout; leave it out, or choose another --net")
    for layer in layers:
        layer.p = share
