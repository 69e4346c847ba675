"""`--init`: how the weights of a network that starts from nothing are drawn, in place of the network's own way."""

from torch import nn

from dlcli.errors import UsageError
from dlcli.training.optimization.names import InitName

LAYERS = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)


def initialize(net: nn.Module, name: InitName, from_nothing: bool) -> None:
    """Draw the weights of convolutions and linear layers; biases, norms and the rest stay as they are.

    xavier: uniform in +-sqrt(6 / (in + out)) (Glorot and Bengio, 2010), in and out a layer's connections to a value.
    kaiming: normal with deviation sqrt(2 / out) (arXiv:1502.01852, eq. 14). UsageError: the network has weights to
    start from.
    """
    if name is InitName.DEFAULT:
        return
    if not from_nothing:
        raise UsageError(f"--init {name}: the weights come from --from; expected --from none with it")
    for layer in net.modules():
        if not isinstance(layer, LAYERS):
            continue
        if name is InitName.XAVIER:
            nn.init.xavier_uniform_(layer.weight)
        else:
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
