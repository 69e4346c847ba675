"""What the machine says of itself, by files such as Linux writes them."""

import os
import socket
from pathlib import Path

import pytest

from dlcli.doctor import machine
from dlcli.doctor.finding import State

X86 = "processor\t: 0\nmodel name\t: Some CPU: fast\nflags\t\t: fpu sse2 avx2 avx512f avx512_vnni\n\nprocessor\t: 1\n"
ARM = "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd asimddp\n"


@pytest.mark.parametrize(
    ("text", "name", "state", "shown"),
    [
        (X86, "x86_64", State.OK, "x86_64, avx2, avx512f, avx512_vnni"),
        (X86.replace("avx512_vnni", ""), "x86_64", State.OK, "no VNNI"),
        ("flags : sse2\n", "x86_64", State.WARNING, "without AVX2"),
        (ARM, "aarch64", State.OK, "aarch64, asimddp"),
        ("nothing of the kind\n", "riscv64", State.OK, "does not tell"),
    ],
)
def test_processors(tmp_path: Path, text: str, name: str, state: State, shown: str):
    file = tmp_path / "cpuinfo"
    file.write_text(text)
    found = machine.check_processor(machine.cpu_features(file), name)
    assert found.state is state
    assert shown in found.message


def test_a_system_without_cpuinfo(tmp_path: Path):
    assert machine.cpu_features(tmp_path / "none") is None
    assert machine.check_processor(None, "arm64").state is State.OK


def test_threads_follow_the_affinity():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert machine.check_threads().facts["threads"] == 1
    finally:
        os.sched_setaffinity(0, before)


def test_a_full_disk_and_no_folder_are_warnings(monkeypatch, tmp_path: Path):
    monkeypatch.setattr(machine.tempfile, "tempdir", str(tmp_path))
    assert machine.check_temporary_folder().state is State.OK
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(machine, "LEAST_FREE", 1 << 60)
    assert "MB free" in machine.check_temporary_folder().message
    monkeypatch.setattr(machine.tempfile, "tempdir", str(tmp_path / "gone"))
    found = machine.check_temporary_folder()
    assert found.state is State.WARNING
    assert "TMPDIR" in found.advice


def test_an_open_socket_is_found():
    before = machine.sockets()
    assert machine.check_silence(before).state is State.OK
    with socket.socket():
        assert machine.check_silence(before).state is State.FAULT
    assert machine.check_silence(before).state is State.OK
