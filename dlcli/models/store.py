"""Names to model files: a bundled or imported name, an .onnx file, or a run folder."""

import os
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from dlcli.card import ModelCard, read_card
from dlcli.errors import DataError, MissingError, UsageError
from dlcli.frozen import dataclass
from dlcli.models import BUNDLED
from dlcli.models.checksums import file_digest, short_id
from dlcli.models.decodings import REGISTRY
from dlcli.models.outside_weights import refuse_outside_weights
from dlcli.models.sums import listed_sums
from dlcli.models.user_folder import imported_models, recorded_sum, user_folder

PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin", ".zip")
MODEL = "--model"
CHECKPOINTS = (*PICKLES, ".safetensors")
AGAIN = "move it away, and import it again"
GONE = {"voc": "coco took its place: it finds the same 20 classes and 60 more, by COCO's names (couch for sofa)"}


@dataclass(frozen=True)
class ModelFile:
    """A model that was found: its .onnx file, its name (the card's) and its card."""

    path: Path
    name: str
    card: ModelCard

    @cached_property
    def digest(self) -> str:
        """The file's SHA-256 in hex, computed when first asked for. DataError: as for `checked_digest`."""
        return checked_digest(self.path)

    @property
    def id(self) -> str:
        """How records name it: "coco@sha256:1f0c9a3e77b2"."""
        return short_id(self.name, self.digest)


def find_model(name: str, task: str, given_as: str = MODEL) -> ModelFile:
    """The model called `name`, which must be for `task`.

    name: a bundled name, one that was imported, the path of an .onnx file, or a run folder (its best.onnx, or the one
    .onnx in it). A bundled name wins over an imported one, and either over a folder of the same name in the working
    directory, which can be written ./NAME. given_as: the option or argument that messages name.
    MissingError: nothing of that name, or a run that was not exported. UsageError: for another task, or weights
    without a network. DataError: the file is unusable, has no card, has weights elsewhere, or is not the one that was
    recorded.
    """
    model = open_model(name, given_as)
    if model.card.task != task:
        fitting = [item.name for item in list_models() if item.card.task == task]
        hint = f"bundled for {task}: {', '.join(fitting) or 'none'}"
        raise UsageError(f"{given_as} {name}: expected a model for {task}, got one for {model.card.task}; {hint}")
    return model


def open_model(name: str, given_as: str = MODEL) -> ModelFile:
    """The same, for any task."""
    path = locate(name, given_as)
    known = None if expected_sum(path) is None else checked_digest(path)  # a file that was changed is not opened
    if path.parent != BUNDLED:
        refuse_outside_weights(path)
    model = _open(path)
    if known is not None:
        vars(model)["digest"] = known  # where cached_property keeps it
    return model


def checked_digest(path: Path) -> str:
    """The file's SHA-256 in hex. DataError: it cannot be read, or is not the one that was recorded."""
    try:
        digest = file_digest(path)
    except OSError as error:
        raise DataError(f"{path}: expected a readable model file, got: {error.strerror}") from error
    expected = expected_sum(path)
    if expected is None and path.parent == user_folder():
        raise DataError(f"{path}: no SHA-256 was recorded for it; {AGAIN}")
    if expected not in (None, digest):
        again = "install dlcli again" if path.parent == BUNDLED else AGAIN
        raise DataError(
            f"{path}: was changed: its SHA-256 is {digest[:12]}..., recorded is {expected[:12]}...; {again}"
        )
    return digest


def expected_sum(path: Path) -> str | None:
    """The recorded SHA-256 of a bundled or imported model's file (its float weights too); None: none is recorded."""
    if path.parent == BUNDLED:
        return listed_sums(BUNDLED).get(path.name)
    folder = user_folder()
    return recorded_sum(path) if folder is not None and path.parent == folder else None


def list_models() -> list[ModelFile]:
    """The bundled models by name. DataError: one of them is damaged; install dlcli again."""
    return [_open(path) for path in bundled_models().values()]


def weights_file(name: str) -> Path | None:
    """The float weights (.safetensors) beside the .onnx file of a model, for `--from` and `--runtime torch`.

    name: as for find_model, or the path of a .safetensors file itself. None: that model comes without.
    MissingError: no such model.
    """
    path = Path(name)
    if path.suffix != ".safetensors" or not path.is_file():
        path = locate(name).with_suffix(".safetensors")
    return path if path.is_file() else None


def locate(name: str, given_as: str = MODEL) -> Path:
    """The .onnx file that `name` stands for; it may be damaged or of any task. Errors as for find_model."""
    known = named_models()
    if name in known:
        return known[name]
    if name.startswith(REGISTRY):
        raise UsageError(
            f"{given_as} {name}: runs in torch and has no .onnx file; detect, classify and segment take it by --model"
        )
    path = Path(name)
    _refuse_weights(path, given_as)
    if os.path.isdir(name):  # os.path and not Path: "" is no folder, and a name that is too long no OSError
        return _in_run(path)
    if os.path.exists(name):
        return path
    raise MissingError(_not_found(name, given_as))


def named_models() -> dict[str, Path]:
    """Names to files: the imported ones, and those that dlcli carries, which win."""
    return imported_models() | bundled_models()


def bundled_models() -> dict[str, Path]:
    """Names to files, in the order of the names."""
    return {path.stem: path for path in sorted(BUNDLED.glob("*.onnx"))}


def _open(path: Path) -> ModelFile:
    card = read_card(path)
    return ModelFile(path, card.name, card)


def _refuse_weights(path: Path, given_as: str) -> None:
    suffix = path.suffix.lower()
    if suffix in PICKLES:
        raise UsageError(
            f"{given_as} {path}: expected an .onnx file, got a {suffix} file, which is a pickle and can run any code; "
            "export it as .onnx where it was made, then dlcli models import"
        )
    if suffix == ".safetensors":
        raise UsageError(
            f"{given_as} {path}: expected an .onnx file, got weights without a network; name the .onnx beside them"
        )


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


def _not_found(name: str, given_as: str) -> str:
    bundled, imported = (", ".join(found) or "none" for found in (bundled_models(), imported_models()))
    mine = "" if imported == "none" else f", an imported one ({imported})"
    if "/" in name or name.endswith(".onnx"):
        return f"{given_as} {name}: expected a model file, got a path where there is none; bundled: {bundled}{mine}"
    if name in GONE:
        return f"{given_as} {name}: no longer bundled; {GONE[name]}"
    close = get_close_matches(name, named_models(), n=1)
    guess = f"did you mean {close[0]}? " if close else ""
    words = f"expected a bundled name ({bundled}){mine}, an .onnx file or a run folder"
    return f"{given_as} {name}: {words}; {guess}".rstrip("; ")
