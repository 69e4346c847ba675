"""What a run does not look at is counted by kind, said at its end and in every report, and gates can ask for it."""

import csv
import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from dlcli.batch.sources.skipped import kind_of
from dlcli.imaging.formats.pages import further_pages
from tests.program import CAT, dlcli

JXL = b"\xff\x0a\x18ftyp"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One image that is read, and one of each kind that is not."""
    made = tmp_path / "in"
    (made / "deep").mkdir(parents=True)
    (made / "empty").mkdir()
    shutil.copy(CAT, made / "cat.jpg")
    shutil.copy(CAT, made / "deep/cat.jpg")
    shutil.copy(CAT, made / "no-suffix")
    shutil.copy(CAT, made / "cat.odd")
    for name in ("a.jxl", "b.JXL", "c.nef"):
        (made / name).write_bytes(JXL)
    (made / "notes.txt").write_text("words")
    (made / "LICENSE").write_text("words")
    frames = [Image.new("RGB", (40, 30), (0, color, 0)) for color in (0, 90, 180)]
    frames[0].save(made / "moving.gif", save_all=True, append_images=frames[1:])
    pages = [Image.new("RGB", (40, 30), (color, 0, 0)) for color in (0, 90, 180)]
    pages[0].save(made / "pages.tif", save_all=True, append_images=pages[1:])
    return made


CLAUSE = (
    "not looked at: 4 frames and pages after the first, 2 .jxl files, 2 images without an image's suffix, "
    "1 .nef file, 1 sub-folder with images (-r)"
)


def test_all_kinds_are_counted_and_said(folder: Path):
    ran = dlcli("detect", folder)
    assert ran.code == 0
    assert ran.reported[-1].endswith(CLAUSE)
    assert dlcli("detect", folder, "--strict").code == 3
    deep = dlcli("detect", folder, "-r")
    assert "sub-folder" not in deep.err
    assert "2 .jxl files" in deep.err


@pytest.mark.parametrize(
    ("gate", "code"),
    [
        ("skipped() > 0", 1),
        ("skipped() > 10", 0),
        ("skipped(.jxl) == 2", 1),
        ("skipped('sub-folder') > 0", 1),
        ("skipped(.cr2) > 0", 0),
        ("total: count(*) > 9 or skipped() >= 10", 1),
    ],
)
def test_gates_ask_for_it(folder: Path, gate: str, code: int):
    assert dlcli("detect", folder, "--fail-if", gate).code == code


@pytest.mark.parametrize("gate", ["skipped() > 0 or count(dog) > 0", "any: skipped() > 0", "skipped() > 0.5"])
def test_gates_that_mix_what_is_of_an_image_with_what_is_of_the_run(folder: Path, gate: str):
    assert dlcli("detect", folder, "--fail-if", gate).code == 2


def test_a_gate_on_an_empty_folder_full_of_what_is_not_read(tmp_path: Path):
    (tmp_path / "a.jxl").write_bytes(JXL)
    refused = dlcli("detect", tmp_path)
    assert refused.code == 2
    assert "not looked at: 1 .jxl file" in refused.err
    words = ("detect", tmp_path, "--allow-empty", "--fail-if")
    assert dlcli(*words, "skipped() > 0").code == 1
    assert dlcli(*words, "count(dog) > 0").code == 0


def test_merge_knows_it_by_the_state_beside_the_records(folder: Path, tmp_path: Path):
    records = tmp_path / "out/results.jsonl"
    for _ in range(2):  # --resume ends with the same state
        assert dlcli("detect", folder, "--out", tmp_path / "out", "--save", "none", "--resume").code == 0
        ran = dlcli("merge", records, "--fail-if", "skipped(.jxl) > 2", "--fail-if", "skipped() >= 10")
        assert (ran.code, ran.reported[0].endswith(CLAUSE)) == (1, True)
        assert ran.reported[1].startswith("pass  --fail-if 'skipped(.jxl) > 2'")
    shutil.copy(records, tmp_path / "alone.jsonl")
    with records.open("a") as file:  # records that are not those of the state
        file.write(records.read_text().splitlines()[0].replace("cat.jpg", "other.jpg") + "\n")
    for path in (tmp_path / "alone.jsonl", records):
        refused = dlcli("merge", path, "--fail-if", "skipped() > 0")
        assert refused.code == 2
        assert "one of these files has none" in refused.err
        assert "not looked at" not in dlcli("merge", path).err


def test_merged_shards_count_what_they_share_once(folder: Path, tmp_path: Path):
    for shard in ("1/2", "2/2"):
        dlcli("detect", folder, "--out", tmp_path / "out", "--save", "none", "--shard", shard)
    ran = dlcli("merge", *sorted((tmp_path / "out").glob("results.*-of-2.jsonl")), "--fail-if", "skipped() != 10")
    assert (ran.code, ran.reported[0].endswith(CLAUSE)) == (0, True)


def test_a_link_to_nothing_is_a_bad_file_and_no_wrong_name(folder: Path):
    (folder / "link.jpg").symlink_to("gone.jpg")
    ran = dlcli("detect", folder, "--skip-bad")
    assert (ran.code, "link.jpg: a link to gone.jpg, which is not there; remove the link" in ran.err) == (0, True)
    assert dlcli("detect", folder).code == 3
    assert dlcli("detect", folder / "cat.jpg", folder / "gone.jpg", "--skip-bad").code == 3  # named, and not there


def test_every_report_has_it(folder: Path, tmp_path: Path):
    kinds = {"junit": "a.xml", "sarif": "a.sarif", "markdown": "a.md", "csv": "a.csv", "html": "a.html"}
    reports = [word for kind, name in kinds.items() for word in ("--report", f"{kind}={tmp_path / name}")]
    assert dlcli("detect", folder, *reports, "--report", "github").code == 0
    cases = ET.parse(tmp_path / "a.xml").getroot().iter("testcase")
    assert sum("not looked at" in str(case.get("name")) for case in cases) == 5
    run = json.loads((tmp_path / "a.sarif").read_text())["runs"][0]
    assert run["properties"]["skipped"] == {".jxl": 2, ".nef": 1, "no suffix": 2, "page": 4, "sub-folder": 1}
    assert "2 .jxl files" in (tmp_path / "a.md").read_text().split("### Not looked at")[1]
    rows = list(csv.DictReader((tmp_path / "a.csv").open(newline="")))
    assert sum(row["error_kind"] == "skipped" for row in rows) == 5
    assert "not looked at" in (tmp_path / "a.html").read_text()


def test_an_empty_folder_writes_its_reports(tmp_path: Path):
    (tmp_path / "in").mkdir()
    assert dlcli("detect", tmp_path / "in").code == 2
    words = ("--report", f"junit={tmp_path / 'r.xml'}", "--out", tmp_path / "out")
    assert dlcli("detect", tmp_path / "in", "--allow-empty", *words).code == 0
    assert ET.parse(tmp_path / "r.xml").getroot().get("tests") == "0"
    assert (tmp_path / "out/results.jsonl").read_bytes() == b""
    assert dlcli("detect", f"{tmp_path}/in/*.jpg", "--allow-empty").code == 0


def test_earlier_outputs_are_left_out_below_and_read_where_they_are_named(folder: Path):
    assert dlcli("preprocess", folder / "cat.jpg", "--gamma", "2", "--out", folder / "bright").code == 0
    ran = dlcli("detect", folder, "-r", "--json")
    assert "bright" not in ran.out
    assert "1 folder of an earlier run" in ran.err
    assert len(dlcli("detect", folder / "bright", "-r", "--json").lines) == 1
    assert "bright" not in dlcli("detect", f"{folder}/**/*.jpg", "--json").out
    assert "bright" in dlcli("detect", f"{folder}/bright/*.jpg", "--json").out


def test_pages_are_counted_as_pillow_counts_them(folder: Path, tmp_path: Path):
    frames = [Image.new("RGB", (40, 30), (color, 0, 0)) for color in (0, 90, 180, 200)]
    for suffix in ("png", "webp", "gif", "tif"):
        path = tmp_path / f"many.{suffix}"
        frames[0].save(path, save_all=True, append_images=frames[1:])
        with Image.open(path) as image:
            assert further_pages(path) == image.n_frames - 1 == 3
        assert further_pages(path.read_bytes()) == 3
        frames[0].save(tmp_path / f"one.{suffix}")
        assert further_pages(tmp_path / f"one.{suffix}") == 0
    assert further_pages(CAT) == further_pages(tmp_path / "none.gif") == further_pages(b"GIF89a") == 0
    assert further_pages(folder / "notes.txt") == 0


def test_what_is_no_image_is_no_kind(folder: Path):
    assert [kind_of(str(folder / name)) for name in ("notes.txt", "LICENSE", "cat.jpg")] == ["", "", ""]
    assert kind_of(str(folder / "no-suffix")) == "no suffix"


def test_a_folder_that_is_given_twice_is_counted_once(folder: Path):
    once, twice = (
        dlcli("preprocess", folder, "--check"),
        dlcli("preprocess", folder, folder / ".." / folder.name, "--check"),
    )
    said = [
        line.partition("not looked at: ")[2] for ran in (once, twice) for line in ran.reported if "not looked" in line
    ]
    assert len(said) == 2
    assert said[0] == said[1]
