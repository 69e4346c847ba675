"""Runs the steps of the Dockerfile one by one in clean roots, where Docker itself cannot run. As root, by hand:

debootstrap --variant=minbase --include=python3,python3-venv,python3-pip bookworm /tmp/root http://deb.debian.org/debian
python -m tests.ways_in.dockerfile_steps /tmp/root sample_data/cat.jpg

Each stage begins as a copy of that root, which stands for python:slim. At the end the image is looked at as the user
of the image, without a network, and sizes are printed.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.program import ROOT

IGNORED = shutil.ignore_patterns("__pycache__")


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """("RUN", "python -m venv ..."): continued lines joined, comments left out."""
    for line in re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines():
        if line.strip():
            word, _, rest = line.partition(" ")
            yield word, rest.strip()


class Image:
    """The stages so far, each a folder, and what the last one says of user, environment and start."""

    def __init__(self, base: Path):
        self.base, self.stages = base, dict[str, Path]()
        self.env = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
        self.user, self.folder, self.entry = "root", "/", list[str]()

    @property
    def root(self) -> Path:
        return list(self.stages.values())[-1]

    def do(self, word: str, rest: str) -> None:
        print(f"--> {word} {rest}", flush=True)
        getattr(self, word.lower())(rest)

    def from_(self, rest: str) -> None:
        name = rest.split()[-1] if " AS " in rest else "last"
        place = self.base.with_name(f"{self.base.name}-{name}")
        subprocess.run(["cp", "-a", self.base, place], check=True)
        (place / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        self.stages[name] = place

    def copy(self, rest: str) -> None:
        words = rest.split()
        source = self.stages[words.pop(0).partition("=")[2]] if words[0].startswith("--from=") else ROOT
        *names, target = words
        for name in names:
            path, place = source / name.lstrip("/"), self.root / target.lstrip("/")
            if path.is_dir():
                shutil.copytree(path, place, symlinks=True, dirs_exist_ok=True, ignore=IGNORED)
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)

    def run(self, rest: str) -> None:
        self.inside(["sh", "-c", rest])

    def env_(self, rest: str) -> None:
        for word in shlex.split(rest):
            name, _, value = word.partition("=")
            self.env[name] = value.replace("$PATH", self.env["PATH"])

    def user_(self, rest: str) -> None:
        self.user = rest

    def workdir(self, rest: str) -> None:
        (self.root / rest.lstrip("/")).mkdir(exist_ok=True)
        self.folder = rest

    def entrypoint(self, rest: str) -> None:
        self.entry = [str(word) for word in json.loads(rest)]

    def cmd(self, rest: str) -> None:
        """Not needed here."""

    def inside(self, words: list[str], network: bool = True) -> str:
        by = ["chroot", f"--userspec={self.user}", str(self.root), "env", "-C", self.folder, "-i"]
        given = [f"{name}={value}" for name, value in self.env.items()]
        alone = [] if network else ["unshare", "--net"]
        return subprocess.run([*alone, *by, *given, *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def main(base: Path, photo: Path) -> None:
    image = Image(base)
    for word, rest in instructions((ROOT / "Dockerfile").read_text()):
        image.do({"FROM": "from_", "ENV": "env_", "USER": "user_"}.get(word, word), rest)
    shutil.copy(photo, image.root / image.folder.lstrip("/"))
    print(image.inside([*image.entry, "doctor"], network=False))
    print(image.inside([*image.entry, "detect", photo.name], network=False))
    print(image.inside(["id", "-un"]))
    for place in (base, image.root, image.root / "opt/dlcli"):
        print(f"{size(place) / 1e6:,.0f} MB in {place}")


def size(folder: Path) -> int:
    """Bytes of all files, each hard link once."""
    seen = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            stat = os.lstat(os.path.join(parent, name))
            seen[stat.st_dev, stat.st_ino] = stat.st_size
    return sum(seen.values())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
