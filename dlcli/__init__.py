"""dlcli: vision on the command line. The version stands here and in no other place.

From Python: dlcli.detect, classify, segment, style_transfer, preprocess and load; see docs/python.md.
"""

from importlib import import_module

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """What dlcli/api offers, loaded when first asked for. By name: it stands above all that needs the version here."""
    if not name.startswith("_"):
        names = import_module(f"{__name__}.api.functions").public_names()
        if name in names:
            globals().update(names)
            return names[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *import_module(f"{__name__}.api.functions").public_names()})
