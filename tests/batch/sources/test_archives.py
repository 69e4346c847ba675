"""Images in .zip and .tar, against the same files unpacked."""

import io
import json
import tarfile
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.program import SAMPLES, dlcli

NAMES = {"cat.jpg": "cat.jpg", "deep/er/rocket.jpg": "rocket.jpg", "astronaut.JPG": "astronaut.jpg"}


def zipped(path: Path, names: dict[str, str] = NAMES, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, sample in names.items():
            archive.write(SAMPLES / sample, name)
        archive.writestr("notes.txt", "no image")
        archive.writestr("raw.nef", b"II*\0")
        archive.writestr("__MACOSX/._cat.jpg", b"\0\5\x16\7")
    return path


def tarred(path: Path, names: dict[str, str] = NAMES) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, sample in names.items():
            archive.add(SAMPLES / sample, name)
        link = tarfile.TarInfo("link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return path


def records(ran) -> list[dict]:
    return [json.loads(line) for line in ran.lines]


@pytest.mark.parametrize("make", [zipped, tarred])
def test_records_are_those_of_the_files_unpacked(tmp_path, make):
    archive = make(tmp_path / f"set.{'zip' if make is zipped else 'tar'}")
    folder = tmp_path / "set"
    for name, sample in NAMES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((SAMPLES / sample).read_bytes())
    ran, plain = dlcli("detect", archive, "--json"), dlcli("detect", "-r", folder, "--json")
    assert ran.code == 0, ran.err
    found = {record.pop("source").removeprefix(f"{archive}/"): record for record in records(ran)}
    assert found == {record.pop("source").removeprefix(f"{folder}/"): record for record in records(plain)}
    assert list(found) == sorted(NAMES)
    assert not (tmp_path / "deep").exists()


def test_what_is_no_image_is_counted(tmp_path):
    ran = dlcli("detect", zipped(tmp_path / "a.zip"))
    assert "not looked at: 1 .nef file" in ran.err


def test_the_tree_goes_on_below_out(tmp_path):
    archive, out = zipped(tmp_path / "a.zip"), tmp_path / "out"
    assert dlcli("detect", archive, "--out", out).code == 0
    assert (out / "deep" / "er" / "rocket.jpg").is_file()
    assert records(dlcli("detect", archive, "--out", out, "--resume", "--json")) == [
        json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()
    ]
    assert "3 of 3 images were done before" in dlcli("detect", archive, "--out", out, "--resume").err


def test_two_archives_are_kept_apart(tmp_path):
    first, second = (
        zipped(tmp_path / "a.zip", {"x.jpg": "cat.jpg"}),
        tarred(tmp_path / "b.tar", {"x.jpg": "rocket.jpg"}),
    )
    assert dlcli("preprocess", first, second, "--gamma", "0.9", "--out", tmp_path / "out").code == 0
    assert (tmp_path / "out" / "a.zip" / "x.jpg").is_file()
    assert (tmp_path / "out" / "b.tar" / "x.jpg").is_file()


@pytest.mark.parametrize("name", ["../out.jpg", "a/../../out.jpg", "/abs.jpg"])
def test_a_name_that_leads_out_is_refused_alone(tmp_path, name):
    path = tmp_path / "in" / "a.tar"
    path.parent.mkdir()
    with tarfile.open(path, "w") as archive:
        archive.add(SAMPLES / "cat.jpg", "cat.jpg")
        info = tarfile.TarInfo(name)
        data = (SAMPLES / "cat.jpg").read_bytes()
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    ran = dlcli("preprocess", path, "--gamma", "0.9", "--out", tmp_path / "in" / "out", "--json")
    assert ran.code == 3
    (failed,) = [record for record in records(ran) if not record["ok"]]
    assert "leads out of the archive" in failed["error"]["message"]
    assert not (tmp_path / "out.jpg").exists()
    assert sorted(p.name for p in (tmp_path / "in").iterdir()) == ["a.tar", "out"]


def test_a_name_that_comes_twice_counts_once_the_last(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(SAMPLES / "rocket.jpg", "a.jpg")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.write(SAMPLES / "cat.jpg", "a.jpg")
    (record,) = records(dlcli("detect", path, "--json"))
    assert record["detections"][0]["label"] == "cat"


def test_damaged_members_are_failures_of_their_own(tmp_path):
    path = zipped(tmp_path / "a.zip", method=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    at = data.index((SAMPLES / "rocket.jpg").read_bytes()[:64]) + 5_000
    data[at] ^= 0xFF
    path.write_bytes(data)
    ran = dlcli("detect", path, "--json")
    assert ran.code == 3
    assert [record["ok"] for record in records(ran)] == [True, True, False]
    assert "cannot be read from its archive" in records(ran)[2]["error"]["message"]


def test_an_encrypted_member_is_unsupported(tmp_path):
    path = zipped(tmp_path / "a.zip", {"a.jpg": "cat.jpg"})
    data = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag, in the header of the file and in the list
        at = data.index(mark)
        data[at + offset] |= 1
    path.write_bytes(data)
    (record,) = records(dlcli("detect", path, "--json"))
    assert record["error"]["kind"] == "unsupported"
    assert "encrypted" in record["error"]["message"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.zip", b"PK\x03\x04 cut"), ("a.tar", b"\1" * 600), ("b.tar", b"\x1f\x8b\x08" + bytes(60))]
)
def test_what_is_no_archive_is_one_failed_input(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    ran = dlcli("detect", tmp_path / name, SAMPLES / "cat.jpg", "--json")
    assert ran.code == 3
    assert [record["ok"] for record in records(ran)] == [False, True]
    assert "not an archive that can be listed" in records(ran)[0]["error"]["message"]


def test_an_archive_without_an_image(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("notes.txt", "x")
    ran = dlcli("detect", tmp_path / "a.zip")
    assert (ran.code, "no image in this archive" in ran.err) == (2, True)
    assert dlcli("detect", tmp_path / "a.zip", "--allow-empty").code == 0


@pytest.fixture
def unpacked(monkeypatch) -> list[str]:
    """The members that were unpacked, each as often as it was."""
    names: list[str] = []
    read = zipfile.ZipFile.read

    def counted(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
        names.append(info.filename)
        return read(archive, info)

    monkeypatch.setattr(zipfile.ZipFile, "read", counted)
    return names


def test_a_plan_has_sizes_from_the_listing(tmp_path, unpacked):
    """But for a few that are tried, to tell the time, nothing is unpacked."""
    archive = zipped(tmp_path / "a.zip", {f"{number}.jpg": "cat.jpg" for number in range(9)})
    plan = json.loads(dlcli("detect", archive, "--plan", "--json").out)
    assert [image["bytes"] for image in plan["images"]] == [(SAMPLES / "cat.jpg").stat().st_size] * 9
    assert sorted(set(unpacked)) == ["0.jpg", "2.jpg", "5.jpg", "8.jpg"]


def test_a_member_is_unpacked_once(tmp_path, unpacked):
    archive = zipped(tmp_path / "a.zip")
    assert dlcli("detect", archive, "--json", "--out", tmp_path / "out").code == 0
    assert sorted(unpacked) == sorted(NAMES)


def test_a_member_beside_a_video_is_unpacked_once(tmp_path, unpacked):
    video = tmp_path / "v.mp4"
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"mp4v"), 10, (64, 48))
    writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    assert dlcli("detect", zipped(tmp_path / "a.zip"), video, "--json").code == 0
    assert sorted(unpacked) == sorted(NAMES)
