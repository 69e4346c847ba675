"""Whether a network is the one that its card describes: by what it declares when it is opened, and by what it gives.

Both cost next to nothing, so every network is asked, whoever made it and whatever runs it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcli.card import ModelCard
from dlcli.errors import DataError, UsageError
from dlcli.frozen import dataclass
from dlcli.imaging.steps.chain import parse_steps
from dlcli.models.decodings import BGR, BOX_KINDS, NCHW, NHWC, RGB
from dlcli.runtime.session import BYTES, Declared, Opened, shown_shape
from dlcli.tasks.network_use import NetworkUse, Shape

FLOATS = ("tensor(float)", "tensor(float16)", "tensor(double)")
AGAIN = "export it again, or import it by `dlcli models import`"


@dataclass(frozen=True)
class Fit:
    """card: of the network. file: for messages. use: how its task uses it.

    DataError from each of the methods: they do not fit.
    """

    card: ModelCard
    file: str
    use: NetworkUse

    def check_card(self) -> None:
        """What the card says of the network, by itself."""
        decoding, labels = self.card.decoding, self.card.labels
        if self.use.labeled and not labels:
            raise self._fault("no labels", f"dlcli {self.card.task} needs at least one")
        for name, allowed in (("layout", (NCHW, NHWC)), ("channels", (RGB, BGR))):
            if decoding.get(name, allowed[0]) not in allowed:
                raise self._fault(f"the {name} {decoding[name]!r:.40}", f"known are {' and '.join(allowed)}")
        outputs = decoding.get("outputs", [""])
        if not isinstance(outputs, list) or not outputs or not all(isinstance(name, str) for name in outputs):
            raise self._fault(f"the outputs {outputs!r:.60}", "expected a list of their names")
        background = decoding.get("background")
        if background is not None and (type(background) is not int or not 0 <= background < len(labels)):
            raise self._fault(f"the background {background!r:.40}", f"its classes are 0 to {len(labels) - 1}")
        try:
            parse_steps(self.card.pre)
        except UsageError as error:
            reason = str(error).partition("\n")[0]
            raise self._fault(f"the steps --pre {self.card.pre!r:.60}", f"they cannot be taken: {reason}") from error

    def check_declared(self, session: Opened, outputs: Sequence[str]) -> None:
        """The network's input and the outputs that count, as far as the model file declares their sizes."""
        width, height = self.card.input
        plain = self.card.decoding.get("layout", NCHW) == NCHW
        wanted: Shape = (1, 3, height, width) if plain else (1, height, width, 3)
        taken = session.inputs[0]
        if taken.kind not in (FLOATS[0], BYTES) or not _agree(taken.shape, wanted):
            raise self._fault(f"an input of {FLOATS[0]} {shown_shape(wanted)}", f"the network takes {taken}")
        given = {item.name: item for item in session.outputs}
        for name, shape in zip(outputs, self._outputs(), strict=False):
            self._check_output(given[name], shape)

    def checked(self, forward: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """`forward` whose every result is looked at: its sizes, and that it holds numbers."""
        wanted = self._outputs()
        finite = self.card.decoding.get("kind") not in BOX_KINDS  # its decoder looks at the boxes that count

        def looked_at(tensor: Any) -> Any:
            found = forward(tensor)
            values = found if isinstance(found, tuple) else (found,)
            for value, shape in zip(values, wanted, strict=False):
                self._check_value(value, shape[1:], finite)
            return found

        return looked_at

    def _outputs(self) -> tuple[Shape, ...]:
        """The shapes of the outputs that count; none where the network decodes them itself."""
        try:
            return self.use.shapes(self.card)
        except ValueError as error:
            raise DataError(f"{self.file}: its card has no anchors: {error}; {AGAIN}") from error

    def _check_output(self, given: Declared, wanted: Shape) -> None:
        if given.kind not in FLOATS or (given.shape and not self._agree_either_way(given.shape, wanted)):
            said = f"{len(self.card.labels)} labels, so {given.name} of {shown_shape(wanted)}"
            raise self._fault(said, f"the network gives {given}")

    def _check_value(self, value: Any, wanted: Shape, finite: bool) -> None:
        shape = value.shape
        if not self._agree_either_way(shape, wanted) or 0 in shape or not np.issubdtype(value.dtype, np.floating):
            said = f"{len(self.card.labels)} labels, so {shown_shape(wanted)}"
            raise self._fault(said, f"the network gives {value.dtype} {shown_shape(shape)}")
        if finite and not np.isfinite(value.max()):  # -inf is a score of 0; NaN wins over all
            raise DataError(f"{self.file}: the network gives NaN or infinity, which is not a score; {AGAIN}")

    def _agree_either_way(self, shape: Shape, wanted: Shape) -> bool:
        """YOLO's rows may be its columns."""
        turned = (*wanted[:-2], *wanted[:-3:-1]) if self.card.decoding.get("kind") in BOX_KINDS else wanted
        return _agree(shape, wanted) or _agree(shape, turned)

    def _fault(self, said: str, given: str) -> DataError:
        return DataError(f"{self.file}: its card says {said}; {given}; {AGAIN}")


def _agree(shape: Shape, wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(None in (a, b) or a == b for a, b in zip(shape, wanted, strict=True))
