"""Hugging Face's cache with weights of the test's own making, laid out as its client does."""

from pathlib import Path

from safetensors.torch import save_file

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def put(cache: Path, repository: str, tensors: dict, revision: str = COMMIT) -> Path:
    """The file, as if `hf download REPOSITORY model.safetensors` had run."""
    folder = cache / ("models--" + repository.replace("/", "--"))
    file = folder / "snapshots" / revision / "model.safetensors"
    file.parent.mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text(revision)
    save_file({key: value.contiguous() for key, value in tensors.items()}, file)
    return file
