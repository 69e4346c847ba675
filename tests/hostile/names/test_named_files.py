"""Files that the user names for a report or for records: devices, FIFOs, links, modes."""

import os
import shutil
import stat
import subprocess
import sys

import pytest

from tests.program import CAT, ROOT, dlcli

KINDS = ("csv", "junit", "sarif", "markdown", "html")


@pytest.fixture
def folder(tmp_path):
    shutil.copy(CAT, tmp_path / "a.jpg")
    return tmp_path


@pytest.fixture
def device(folder):
    """A device like /dev/null, which the tests may lose."""
    if os.geteuid():
        pytest.skip("only root makes devices")
    os.mknod(folder / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    return folder / "null"


def test_reports_and_records_into_a_device(folder, device):
    records = dlcli("preprocess", "a.jpg", "--check", "--json", cwd=folder).out
    (folder / "r.jsonl").write_text(records)
    for arguments in (
        ("preprocess", "a.jpg", "--check", "--report", "csv=null"),
        ("merge", "r.jsonl", "--report", "html=null"),
        ("merge", "r.jsonl", "--out", "null", "--overwrite"),
        ("merge", "r.jsonl", "--out", "null"),  # replaces nothing
    ):
        ran = dlcli(*arguments, cwd=folder)
        assert ran.code == 0, ran.err
        assert stat.S_ISCHR(device.stat().st_mode), arguments
    assert sorted(path.name for path in folder.iterdir()) == ["a.jpg", "null", "r.jsonl"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_into_a_fifo(folder, kind, monkeypatch):
    """The same bytes as in a file, but for its name, which is in the command that a page shows."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    os.mkfifo(folder / "pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE, cwd=folder) as reader:
        ran = dlcli("preprocess", "a.jpg", "--check", "--report", f"{kind}=pipe", cwd=folder)
        if ran.code:
            reader.kill()
        piped = reader.communicate(timeout=100)[0]
    assert ran.code == 0, ran.err
    assert dlcli("preprocess", "a.jpg", "--check", "--report", f"{kind}=file", cwd=folder).code == 0
    assert piped.replace(b"=pipe", b"=file") == (folder / "file").read_bytes()
    assert stat.S_ISFIFO((folder / "pipe").stat().st_mode)


def test_a_report_to_standard_output_and_error(folder):
    """Also where they are files: neither is replaced, nor begun anew."""
    plain = dlcli("preprocess", "a.jpg", "--check", "--json", "--quiet", "--report", "csv=r.csv", cwd=folder)
    report = (folder / "r.csv").read_bytes().decode()
    to_out = dlcli(
        "preprocess", "a.jpg", "--check", "--json", "--quiet", "--report", "csv=/dev/stdout", cwd=folder, process=True
    )
    to_error = dlcli(
        "preprocess", "a.jpg", "--check", "--json", "--quiet", "--report", "csv=/dev/stderr", cwd=folder, process=True
    )
    assert (to_out.code, to_out.out) == (0, plain.out + report)
    assert (to_error.code, to_error.out, to_error.err) == (0, plain.out, report)
    command = [
        sys.executable,
        "-m",
        "dlcli",
        "preprocess",
        "a.jpg",
        "--check",
        "--json",
        "--quiet",
        "--report",
        "csv=/dev/stdout",
    ]
    with (folder / "all").open("wb", buffering=0) as out:
        out.write(b"before\n")
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        subprocess.run(command, stdout=out, cwd=folder, env=environment, timeout=100, check=True)
    assert (folder / "all").read_bytes().decode() == "before\n" + plain.out + report


def test_links_stay_and_modes_are_kept(folder):
    (folder / "far").mkdir()
    assert dlcli("preprocess", "a.jpg", "--check", "--report", "csv=far/report.csv", cwd=folder).code == 0
    (folder / "shared.jsonl").touch()
    for name, mode in (("far/report.csv", 0o600), ("shared.jsonl", 0o664)):
        (folder / name).chmod(mode)
    (folder / "report").symlink_to("far/report.csv")
    assert dlcli("preprocess", "a.jpg", "--check", "--report", "csv=report", cwd=folder).code == 0
    assert (folder / "report").is_symlink()
    assert (folder / "far/report.csv").read_text().startswith("source,")
    assert stat.S_IMODE((folder / "far/report.csv").stat().st_mode) == 0o600
    (folder / "r.jsonl").write_text(dlcli("preprocess", "a.jpg", "--check", "--json", cwd=folder).out)
    assert dlcli("merge", "r.jsonl", "--out", "shared.jsonl", "--overwrite", cwd=folder).code == 0
    assert (folder / "shared.jsonl").read_text() == (folder / "r.jsonl").read_text()
    assert stat.S_IMODE((folder / "shared.jsonl").stat().st_mode) == 0o664


def test_a_report_to_a_link_that_leads_nowhere(folder):
    (folder / "loop").symlink_to("loop")
    (folder / "far").symlink_to("gone/x")
    for name in ("loop", "far"):
        ran = dlcli("preprocess", "a.jpg", "--check", "--report", f"csv={name}", cwd=folder)
        assert ran.code == 2
        assert "--report csv" in ran.err
        assert "link" in ran.err
        assert (folder / name).is_symlink()
