"""The bundled models: each the file that dlcli was released with, and each with the answer that was recorded."""

from collections.abc import Iterator

from dlcli.distribution import install_command
from dlcli.doctor.finding import Finding, fault, ok
from dlcli.doctor.golden import TOLERANCE, Golden, answer, deviation, read_golden
from dlcli.errors import DlcliError
from dlcli.models.store import ModelFile, list_models


def check_bundled() -> Iterator[Finding]:
    """A finding for each bundled model; faults where one is missing, damaged, exchanged or answers otherwise."""
    try:
        golden = read_golden()
        models = {model.name: model for model in list_models()}
    except DlcliError as error:
        yield fault("model", str(error), _reinstall())
        return
    for name in sorted(golden.keys() | models.keys()):
        if name not in models:
            yield fault("model", f"{name}: its file is missing", _reinstall(), model=name)
        elif name not in golden:
            yield fault("model", f"{name}: {models[name].path} has no recorded answer", _reinstall(), model=name)
        else:
            yield check_model(models[name], golden[name])


def check_model(model: ModelFile, golden: Golden) -> Finding:
    """Its file against the recorded SHA-256, and its answer to the golden image against the recorded one."""
    facts: dict[str, object] = {"model": model.name, "task": model.card.task}
    try:
        facts["sha256"] = model.digest
        if model.digest != golden.sha256:
            text = f"{model.name}: {model.path} is not the file that dlcli was released with"
            return fault("model", text, _reinstall(), **facts)
        apart = deviation(answer(model), golden.outputs)
    except DlcliError as error:
        return fault("model", f"{model.name}: {error}", _reinstall(), **facts)
    shown = f"(deviation {apart:.4f}, limit {TOLERANCE:g})"
    facts |= {"deviation": round(apart, 6) if apart < float("inf") else None, "tolerance": TOLERANCE}
    if apart > TOLERANCE:
        text = f"{model.name}: its answer does not match the recorded one {shown}; results here cannot be trusted"
        return fault("model", text, "try another version of onnxruntime, and tell us", **facts)
    return ok("model", f"{model.name} ({model.card.task}): its answer matches the recorded one {shown}", **facts)


def _reinstall() -> str:
    return f"install dlcli again: {install_command('', '--force-reinstall', '--no-deps')}"
