"""A program that has loaded dlcli already and answers each command line in a fork of itself.

For what is not about start-up: a process of its own for every command, in a hundredth of the time that one takes to
start. `python tests/forks.py SOCKET` is the program; `Forks` starts and asks it.
"""

import array
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

LENGTH = 1 << 20  # bytes of a request


class Forks:
    """root: the folder that holds the package dlcli. Use it as a context; the program ends with it."""

    def __init__(self, root: Path):
        self.root = root
        self._folder = tempfile.TemporaryDirectory()
        self._place = f"{self._folder.name}/socket"  # short: the path of a socket has 107 bytes at most

    def __enter__(self) -> "Forks":
        self._program = subprocess.Popen(
            [sys.executable, __file__, self._place],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(self.root)},
        )
        assert self._program.stdout is not None
        assert self._program.stdout.readline() == b"ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        self._program.communicate()  # its standard input ends, and so does it
        self._folder.cleanup()

    def run(
        self, words: Sequence[object], cwd: Path, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`dlcli WORDS` with nothing on standard input, in `cwd`, with these variables beside those of this process."""
        request = {"words": [str(word) for word in words], "cwd": str(cwd), "env": {**os.environ, **(variables or {})}}
        with (
            open(os.devnull, "rb") as stdin,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line,
        ):
            line.connect(self._place)
            streams = array.array("i", [stdin.fileno(), out.fileno(), err.fileno()])
            line.sendmsg([json.dumps(request).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
            code = int(line.recv(LENGTH))
            texts = [file.seek(0) or file.read().decode() for file in (out, err)]
        return subprocess.CompletedProcess(request["words"], code, *texts)


def serve(place: str) -> int:
    """Answer until standard input ends. The return value is the exit code of a command, in a fork; 0 at the end."""
    import select

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks that have answered are not waited for
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(place)
        door.listen(64)
        print("ready", flush=True)
        while sys.stdin not in select.select([door, sys.stdin], [], [])[0]:
            line, _ = door.accept()
            if os.fork() == 0:
                door.close()
                return answer(line)
            line.close()
    return 0


def answer(line: socket.socket) -> int:
    """In a fork: take the request, be the command in a fork of it, and say how that ended."""
    data, streams, _, _ = socket.recv_fds(line, LENGTH, 3)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        line.close()
        return command(json.loads(data), streams)
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(OSError):  # who asked has gone
        line.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def command(request: dict, streams: list[int]) -> int:
    from dlcli.__main__ import main

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = ["dlcli", *request["words"]]
    main()
    return 0


if __name__ == "__main__":
    sys.path[0] = os.getcwd()  # not the folder of this file
    import cv2  # noqa: F401
    import numpy  # noqa: F401
    import PIL.Image  # noqa: F401
    import rich.table  # noqa: F401

    import dlcli.batch.pipeline
    import dlcli.cli.app  # noqa: F401

    sys.exit(serve(sys.argv[1]))
