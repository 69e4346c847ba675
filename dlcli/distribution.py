"""How this copy of dlcli was installed, and the one place that says how to install it again or with an extra. Light.

On the package index `dlcli` is another program, so ours is distributed as `dlcli-vision`; command and import are
`dlcli`. https://packaging.python.org/en/latest/specifications/direct-url/ describes the record of an installation.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import Distribution

NAME = "dlcli-vision"
FORMATS = f"pip install '{NAME}[formats]'"  # in records, which name no path of the machine that made them
PACKAGE = Path(__file__).resolve().parent


def install_command(extra: str = "", *flags: str) -> str:
    """The command that installs this copy again, quoted for a shell: "pip install -e '/src/dlcli[train]'".

    extra: of pyproject.toml, such as "train"; "" for none. flags: more words for pip.
    """
    return quoted([*pip_words(), *flags, *requirement(extra)])


def requirement(extra: str = "") -> list[str]:
    """What pip is to install: the path or URL that this copy came from, else the name of the distribution."""
    found = installed()
    record = {} if found is None else direct_url(found)
    if found is None and _project():  # runs from its sources, not installed
        record = {"url": PACKAGE.parent.as_uri(), "dir_info": {"editable": True}}
    return from_record(record, extra)


def dependencies() -> list[str]:
    """What this copy needs at least, such as "numpy>=2.0"; those of extras with their markers, or left out."""
    found = installed()
    return list(_project().get("dependencies", [])) if found is None else found.requires or []


def from_record(record: dict[str, Any], extra: str = "") -> list[str]:
    """The same from the content of a `direct_url.json`; {}: installed by its name from an index."""
    name = f"[{extra}]" if extra else ""
    url = str(record.get("url", ""))
    if url.startswith("file:") and "vcs_info" not in record:
        path = Path(_path_of(url), record.get("subdirectory", ""))
        editable = ["-e"] if record.get("dir_info", {}).get("editable") else []
        return [*editable, f"{path}{name}"] if path.exists() else [f"{NAME}{name}"]
    return [f"{NAME}{name} @ {_pinned(url, record)}"] if url else [f"{NAME}{name}"]


def uninstall_command(*names: str) -> str:
    """The command that takes distributions out of the environment that dlcli runs in."""
    return quoted(["uninstall" if word == "install" else word for word in pip_words()] + list(names))


def pip_words() -> list[str]:
    """The words before what is to be installed, for the environment that dlcli runs in, whichever pip is first on PATH.

    An environment without pip is reached from outside: by uv where that installed dlcli, else by another pip.
    """
    import shutil
    from importlib.util import find_spec

    if find_spec("pip") is not None:
        beside = shutil.which("pip", path=str(Path(sys.executable).parent))
        first = shutil.which("pip")
        return ["pip", "install"] if beside and first == beside else [sys.executable, "-m", "pip", "install"]
    if _installer() == "uv":
        return ["uv", "pip", "install", "--python", sys.executable]
    return ["pip", "--python", sys.executable, "install"]


def quoted(words: list[str]) -> str:
    """Words as a shell takes them: that of POSIX, or of Windows where this runs."""
    if os.name == "nt":
        import subprocess

        return subprocess.list2cmdline(words)
    import shlex

    return shlex.join(words)


def installed() -> "Distribution | None":
    """The distribution that this copy belongs to; None where it runs from its sources or another copy is installed."""
    ours = list(_ours())
    return next((found for found in ours if direct_url(found)), ours[0] if ours else None)


def direct_url(distribution: "Distribution") -> dict[str, Any]:
    """What pip or uv has recorded of where it came from; {} where nothing is."""
    try:
        record = json.loads(distribution.read_text("direct_url.json") or "{}")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _project() -> dict[str, Any]:
    """The table [project] of the sources that this copy runs from; {} where it does not."""
    import tomllib

    file = PACKAGE.parent / "pyproject.toml"
    project = tomllib.loads(file.read_text()).get("project", {}) if file.is_file() else {}
    return project if project.get("name") == NAME else {}


def _ours() -> Iterator["Distribution"]:
    from importlib.metadata import distributions

    for found in distributions(name=NAME):
        record = direct_url(found)
        if record.get("dir_info", {}).get("editable"):
            if Path(_path_of(str(record.get("url", "")))).resolve() / "dlcli" == PACKAGE:
                yield found
        elif found.read_text("RECORD") and Path(str(found.locate_file("dlcli"))).resolve() == PACKAGE:
            yield found


def _installer() -> str:
    found = installed()
    return "" if found is None else (found.read_text("INSTALLER") or "").strip()


def _path_of(url: str) -> str:
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    return url2pathname(urlsplit(url).path)


def _pinned(url: str, record: dict[str, Any]) -> str:
    """A URL with the version control system in front and the commit behind, the subdirectory as a fragment."""
    control = record.get("vcs_info", {})
    if control:
        commit = control.get("commit_id") or control.get("requested_revision", "")
        url = url.replace(
            "file:///", "file://localhost/", 1
        )  # without a host, older versions of pip take it for a path
        url = f"{control.get('vcs', 'git')}+{url}" + (f"@{commit}" if commit else "")
    folder = record.get("subdirectory", "")
    return f"{url}#subdirectory={folder}" if folder else url
