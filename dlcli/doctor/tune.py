"""`dlcli doctor --tune`: keep each model as ONNX Runtime arranges it for this processor, where it then opens faster.

Only what answers the same to the bit is kept; see runtime/optimized.py for where, and for whom it counts.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dlcli.doctor.finding import Finding, ok, warning
from dlcli.doctor.golden import golden_inputs
from dlcli.errors import DlcliError
from dlcli.models.store import ModelFile, named_models, open_model
from dlcli.runtime.optimized import cache_folder, forget, keep, kept
from dlcli.runtime.session import arrange, open_session, runtime_build

OPENINGS = 3  # the fastest counts


def tune() -> Iterator[Finding]:
    """A finding for each model, bundled or imported."""
    for name in named_models():
        try:
            yield tune_model(open_model(name))
        except DlcliError as error:
            yield warning("tune", f"{name}: {error}", "it opens as it is")


def tune_model(model: ModelFile) -> Finding:
    """DlcliError: the model cannot be opened, or what is to be kept cannot be written."""
    forget(model.digest)
    slow, answer = _opened(model, "")
    with tempfile.TemporaryDirectory() as folder:
        arranged = arrange(model.path, Path(folder) / "arranged.onnx")
    path = keep(model.digest, runtime_build(), arranged)
    fast, again = _opened(model, model.digest)
    facts = {"model": model.name, "seconds": round(slow, 4), "tuned_seconds": round(fast, 4)}
    same = all(np.array_equal(one, other) for one, other in zip(answer, again, strict=True))
    if same and fast < slow:
        text = f"{model.name}: opens in {1000 * fast:.0f} ms in place of {1000 * slow:.0f}, and answers the same"
        return ok("tune", text, **facts, file=str(path))
    forget(model.digest)
    why = "would take as long" if same else "would answer otherwise"
    return ok(
        "tune", f"{model.name}: opens as it is, in {1000 * slow:.0f} ms; what was tuned {why}", **facts, file=None
    )


def _opened(model: ModelFile, digest: str) -> tuple[float, list[np.ndarray]]:
    """The seconds that opening takes, and the answer to the golden image. digest: see open_session."""
    tensor, more = golden_inputs(model.card)
    seconds = []
    for _ in range(OPENINGS):
        began = time.perf_counter()
        session = open_session(model.path, 1, "cpu", inputs=1 + len(more), digest=digest)
        seconds.append(time.perf_counter() - began)
    return min(seconds), session.run(tensor, *more)


def check_tuned() -> Finding:
    """How many models open tuned."""
    build, names = runtime_build(), list(named_models())
    tuned = [name for name in names if kept(open_model(name).digest, build)]
    facts = {"tuned": tuned, "folder": str(cache_folder() or "")}
    if tuned:
        return ok("tuned", f"{len(tuned)} of {len(names)} models open faster ({cache_folder()})", **facts)
    return ok("tuned", "no model; dlcli doctor --tune makes them open faster on this machine", **facts)
