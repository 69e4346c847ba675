"""`dlcli models`: what there is, what is imported, what was changed; in this process, by exit code and streams."""

import json
import shutil

import pytest

from dlcli.card import ModelCard, write_card
from dlcli.errors import ExitCode
from dlcli.models.checksums import file_digest
from dlcli.models.store import BUNDLED
from tests.hostile.inside import Outcome, outcome
from tests.models.foreign_networks import classifier

NAMES = {path.stem for path in BUNDLED.glob("*.onnx")}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "mine"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.onnx").write_bytes(classifier())
    (tmp_path / "labels.txt").write_text("red\ngreen \n\nblue\n")
    return tmp_path / "mine"


def models(*arguments: object) -> Outcome:
    return outcome(["models", *map(str, arguments)])


def bring_in(name: str = "mine", *more: str, file: str = "net.onnx", labels: str = "labels.txt") -> Outcome:
    given = ("--name", name, "--task", "classify", "--labels", labels, "--mean", "127.5", "--std", "127.5")
    return models("import", file, *given, *more)


def test_list_for_people_and_for_programs(folder):
    bring_in("mine", "--license", "CC0-1.0")
    lines = models("list").out.splitlines()
    assert {line.split()[0] for line in lines} == NAMES | {"mine"}
    assert "coco      bundled   detect          80 classes    4.3 MB  Apache-2.0" in lines
    assert lines[-1] == "mine      imported  classify        3 classes     0.0 MB  CC0-1.0"
    assert len({line.index(" MB") for line in lines}) == 1  # columns
    rows = [json.loads(line) for line in models("list", "--json").out.splitlines()]
    assert [row["name"] for row in rows] == [line.split()[0] for line in lines]
    for row in rows:
        assert row["sha256"] == file_digest(row["path"])
        assert row["kind"] == ("imported" if row["name"] == "mine" else "bundled")


def test_list_finds_runs(tmp_path):
    run = tmp_path / "runs" / "deep" / "a"
    run.mkdir(parents=True)
    (run / "config.json").write_text("{}")
    card = ModelCard("a", "classify", ("x", "y"), (32, 32), (0.0,) * 3, (1.0,) * 3)
    (run / "best.onnx").write_bytes(write_card(classifier(2), card))
    assert models("list", "runs").out.splitlines()[-1].split()[:5] == ["runs/deep/a", "run", "classify", "2", "classes"]
    (run / "best.onnx").unlink()
    ran = models("list", "runs")
    assert (ran.code, len(ran.out.splitlines())) == (ExitCode.MISSING, len(NAMES))
    assert "runs/deep/a: expected a run with an exported model" in ran.err


def test_import_and_info(folder):
    ran = bring_in()
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.splitlines() == [
        f"imported: {folder}/mine.onnx; try: dlcli classify IMAGE --model mine",
        "read as: 3 labels, 32 x 32 pixels, rgb, mean 127.5 and std 127.5, crop",
    ]
    card = json.loads(models("info", "mine", "--json").out)
    assert (card["labels"], card["input"], card["sha256"]) == (
        ["red", "green", "blue"],
        [32, 32],
        file_digest(folder / "mine.onnx"),
    )
    assert models("path", "mine").out == f"{folder}/mine.onnx\n"
    assert models("path", "coco").out == f"{BUNDLED}/coco.onnx\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("import", "net.onnx"), ExitCode.USAGE, "--name is missing; expected: what --model will call it"),
        (("remove", "../net"), ExitCode.USAGE, "expected a name of letters"),
        (
            ("remove", "coco"),
            ExitCode.USAGE,
            "coco: is bundled with dlcli, so it stays; imported models, which can go: none",
        ),
        (("remove", "vocc"), ExitCode.MISSING, "vocc: no model of that name was imported; there are: none"),
        (("path", "cooc"), ExitCode.MISSING, "did you mean coco?"),
        (("verify", "cooc"), ExitCode.MISSING, "cooc: no such model"),
        (("verify", "net.onnx"), ExitCode.USAGE, "no sum is recorded"),
        (("list", "nowhere"), ExitCode.USAGE, "FOLDERS nowhere: no such file or folder"),
    ],
)
def test_refused(arguments, code, words):
    ran = models(*arguments)
    assert (ran.code, words in ran.err) == (code, True), ran.err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"labels": "none.txt"}, "--labels none.txt: expected a file with a class name a line"),
        ({"labels": "net.onnx"}, "--labels net.onnx: expected a text file"),
        ({"labels": "."}, "--labels .: expected a text file"),
        ({"labels": "a,b"}, "for 2 labels, got [1, 3]"),
        ({"options": ("--std", "0.229,0.224,0.225")}, "multiply by 255: 58.395,57.12,57.375, --mean too"),
        ({"options": ("--mean", "1,2")}, "--mean 1,2: expected one number, or three"),
        ({"options": ("--mean", "x")}, "--mean x: expected one number, or three"),
        ({"options": ("--mean", "nan")}, "mean: expected 3 numbers of 0 to 255"),
        ({"options": ("--input", "0x5")}, "--input 0x5: expected width x height"),
        ({"options": ("--input", "640")}, "--input 640: expected width x height"),
        ({"name": "a/b"}, "expected a name of letters"),
    ],
)
def test_imports_that_are_refused(folder, more, words):
    ran = bring_in(more.pop("name", "mine"), *more.pop("options", ()), **more)
    assert (ran.code, words in ran.err, len(ran.err.splitlines())) == (ExitCode.USAGE, True, 1), ran.err
    assert not folder.exists()


def test_pickle_refused_by_name(tmp_path):
    shutil.copy(tmp_path / "net.onnx", tmp_path / "net.pth")
    ran = bring_in(file="net.pth")
    assert ran.code == ExitCode.USAGE
    assert "net.pth: expected an .onnx file, got a pickle" in ran.err


def test_verify_and_a_changed_file(folder):
    bring_in()
    good = models("verify")
    assert (good.code, good.err) == (0, "")
    assert {f"{folder}/mine.onnx: OK", f"{BUNDLED}/coco.safetensors: OK"} < set(good.out.splitlines())
    assert models("verify", "mine").out == f"{folder}/mine.onnx: OK\n"
    with (folder / "mine.onnx").open("ab") as file:
        file.write(b"\x0a\x00")  # one more empty field: still a model
    bad = models("verify")
    assert (bad.code, len(bad.out.splitlines())) == (ExitCode.STOPPED, len(good.out.splitlines()) - 1)
    assert bad.err.startswith(f"dlcli: {folder}/mine.onnx: was changed: its SHA-256 is ")
    assert [json.loads(line)["ok"] for line in models("verify", "mine", "--json").out.splitlines()] == [False]
    ran = outcome(["classify", str(BUNDLED / "styles" / "great-wave.jpg"), "--model", "mine"])
    assert (ran.code, ran.out, ran.err) == (ExitCode.STOPPED, "", bad.err)
    (folder / "mine.sha256").unlink()
    assert "no SHA-256 was recorded" in models("verify", "mine").err
    ran = outcome(["classify", str(BUNDLED / "styles" / "great-wave.jpg"), "--model", "mine"])
    assert (ran.code, ran.out) == (ExitCode.STOPPED, "")


def test_remove(folder):
    bring_in()
    assert bring_in().code == ExitCode.USAGE  # the name is taken
    assert models("remove", "mine").err == f"removed: {folder}/mine.onnx\n"
    assert list(folder.iterdir()) == []
    assert outcome(["classify", "x.jpg", "--model", "mine"]).code == ExitCode.MISSING
