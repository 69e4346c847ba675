"""Names to model files: a bundled name, an .onnx file, or a run folder."""

import os
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from dlcli.card import ModelCard, read_card
from dlcli.errors import DataError, MissingError, UsageError
from dlcli.models.digest import file_digest, short_id

BUNDLED = Path(__file__).parent / "bundled"
PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin")
CHECKPOINTS = (*PICKLES, ".safetensors")


@dataclass(frozen=True)
class ModelFile:
    """A model that was found: its .onnx file, its name (the card's) and its card."""

    path: Path
    name: str
    card: ModelCard

    @cached_property
    def digest(self) -> str:
        """The file's SHA-256 in hex, computed when first asked for. DataError: the file cannot be read."""
        try:
            return file_digest(self.path)
        except OSError as error:
            raise DataError(f"{self.path}: expected a readable model file, got: {error.strerror}") from error

    @property
    def id(self) -> str:
        """How records name it: "voc@sha256:1f0c9a3e77b2"."""
        return short_id(self.name, self.digest)


def find_model(name: str, task: str) -> ModelFile:
    """The model called `name`, which must be for `task`.

    name: a bundled name, the path of an .onnx file, or a run folder (its best.onnx, or the one .onnx in it). A bundled
    name wins over a folder of the same name in the working directory, which can be written ./NAME.
    MissingError: nothing of that name, or a run that was not exported. UsageError: for another task, or weights
    without a network. DataError: the file is unusable or has no card.
    """
    model = _open(locate(name))
    if model.card.task != task:
        fitting = [item.name for item in list_models() if item.card.task == task]
        hint = f"bundled for {task}: {', '.join(fitting) or 'none'}"
        raise UsageError(f"--model {name}: expected a model for {task}, got one for {model.card.task}; {hint}")
    return model


def list_models() -> list[ModelFile]:
    """The bundled models by name. DataError: one of them is damaged; install dlcli again."""
    return [_open(path) for path in _bundled().values()]


def weights_file(name: str) -> Path | None:
    """The float weights (.safetensors) beside the .onnx file of a model, for `--from` and `--runtime torch`.

    name: as for find_model, or the path of a .safetensors file itself. None: that model comes without.
    MissingError: no such model.
    """
    path = Path(name)
    if path.suffix != ".safetensors" or not path.is_file():
        path = locate(name).with_suffix(".safetensors")
    return path if path.is_file() else None


def locate(name: str) -> Path:
    """The .onnx file that `name` stands for; it may be damaged or of any task. Errors as for find_model."""
    bundled = _bundled()
    if name in bundled:
        return bundled[name]
    path = Path(name)
    _refuse_weights(path)
    if os.path.isdir(name):  # os.path and not Path: "" is no folder, and a name that is too long no OSError
        return _in_run(path)
    if os.path.exists(name):
        return path
    raise MissingError(_not_found(name, list(bundled)))


def is_bundled(name: str) -> bool:
    """Whether it is the name of a model that dlcli carries; such a name wins over a folder."""
    return name in _bundled()


def _open(path: Path) -> ModelFile:
    card = read_card(path)
    return ModelFile(path, card.name, card)


def _bundled() -> dict[str, Path]:
    """Names to files, in the order of the names."""
    return {path.stem: path for path in sorted(BUNDLED.glob("*.onnx"))}


def _refuse_weights(path: Path) -> None:
    suffix = path.suffix.lower()
    if suffix in PICKLES:
        raise UsageError(f"{path}: expected an .onnx file, got a {suffix} file, which is a pickle and can run any code")
    if suffix == ".safetensors":
        raise UsageError(f"{path}: expected an .onnx file, got weights without a network; name the .onnx beside them")


def _in_run(run: Path) -> Path:
    """The exported model of a run folder."""
    models = sorted(path for path in run.glob("*.onnx") if path.is_file())
    best = run / "best.onnx"
    if best in models:
        return best
    if len(models) == 1:
        return models[0]
    if models:
        names = ", ".join(path.name for path in models)
        raise UsageError(f"{run}: expected best.onnx or one .onnx file, got {names}; name one of them")
    if any(path.suffix in CHECKPOINTS for path in run.rglob("*")):
        raise MissingError(f"{run}: expected an exported model, got checkpoints only; run `dlcli export {run}`")
    raise MissingError(f"{run}: expected a run with an exported model, got a folder without an .onnx file")


def _not_found(name: str, known: list[str]) -> str:
    if "/" in name or name.endswith(".onnx"):
        return f"{name}: expected a model file, got a path where there is none; bundled: {', '.join(known) or 'none'}"
    close = get_close_matches(name, known, n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    listed = ", ".join(known) or "none"
    return f"--model {name}: expected a bundled name ({listed}), an .onnx file or a run folder; {guess}".rstrip("; ")
