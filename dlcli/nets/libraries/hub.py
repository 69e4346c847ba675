"""What the libraries of networks share: the package itself, and weights in Hugging Face's cache. Nothing is fetched."""

import difflib
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import Any

from dlcli.distribution import install_command
from dlcli.errors import MissingError, UsageError

WEIGHTS = "model.safetensors"  # the one kind of file that is read: others are pickles


def load_library(module: str, extra: str, word: str) -> Any:
    """The package. word: the network that is asked for. MissingError: it is not installed; it names the command."""
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingError(f"{word} needs {error.name}, not installed here; run: {install_command(extra)}") from None


def refuse_name(prefix: str, name: str, known: Collection[str], whose: str) -> UsageError:
    """The error of a name that the library does not have; it lists the nearest. whose: "timm has no such one"."""
    near = difflib.get_close_matches(name, known, n=4, cutoff=0.4) or sorted(known)[:4]
    return UsageError(f"--net {prefix}{name}: {whose}; the nearest are {', '.join(prefix + word for word in near)}")


def cached_weights(repository: str, word: str, revision: str | None = None, given_as: str = "--from imagenet") -> Path:
    """The file of a repository's weights in Hugging Face's cache.

    word: whose they are, for the message; given_as: the option that asks for them. MissingError: they are not there;
    it names the command that fetches them.
    """
    from huggingface_hub import constants, try_to_load_from_cache

    found = try_to_load_from_cache(repository, WEIGHTS, cache_dir=constants.HF_HUB_CACHE, revision=revision)
    if isinstance(found, str):
        return Path(found)
    fetch = f"hf download {repository} {WEIGHTS}" + (f" --revision {revision}" if revision else "")
    otherwise = ", or start by --from none" if given_as.startswith("--from") else ""
    raise MissingError(
        f"{given_as}: the weights of {word} are not in {constants.HF_HUB_CACHE}; run: {fetch}{otherwise}"
    )
