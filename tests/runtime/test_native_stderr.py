"""Native chatter is kept from the user, Python's own words are not, and everything is put back."""

import os
import subprocess
import sys

from dlcli.runtime.native_stderr import capture, private_stderr

SCRIPT = """
import os, sys
from dlcli.runtime.native_stderr import private_stderr
with private_stderr():
    os.write(2, b"native noise\\n")
    print("python words", file=sys.stderr)
os.write(2, b"native after\\n")
print("python after", file=sys.stderr)
"""


def test_whole_process():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["python words", "native after", "python after"]


def test_descriptor_2_may_be_closed():
    done = subprocess.run([sys.executable, "-c", SCRIPT], preexec_fn=lambda: os.close(2), check=False)
    assert done.returncode in (0, 1)  # the writes after it fail by themselves; nothing hangs or crashes


def test_listen_tells_what_was_printed():
    with private_stderr():
        assert capture(lambda: 7) == (7, "")
        assert capture(lambda: os.write(2, b"Corrupt\n")) == (8, "Corrupt\n")
        assert capture(lambda: os.write(2, b"Again\n")) == (6, "Again\n")


def test_listen_outside_hears_nothing(capfd):
    assert capture(lambda: os.write(2, b"loud\n")) == (5, "")
    assert capfd.readouterr().err == "loud\n"


def test_nested_entry_changes_nothing():
    with private_stderr():
        inside = sys.stderr
        with private_stderr():
            assert sys.stderr is inside
        assert capture(lambda: os.write(2, b"x"))[1] == "x"
