"""Settings: pyproject.toml, dlcli.toml, the environment and flags, weakest first, as the real program takes them."""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from dlcli.cli.app import build_app, run
from dlcli.cli.settings.files import SettingsFile, find_settings, folders_upwards, line_of
from dlcli.cli.settings.layers import Settings, settable, variables
from dlcli.cli.spec import read_tree
from dlcli.errors import UsageError
from tests.program import CAT, ROOT, Ran, dlcli, unscored

TREE = read_tree(typer.main.get_command(build_app()))
DEVICES = "auto, cpu, cuda, tensorrt, coreml, directml, openvino"
DETECT = TREE.find(("detect",))
TRAIN_DETECT = TREE.find(("train", "detect"))


def file_of(text: str, head: tuple[str, ...] = ()) -> SettingsFile:
    table = tomllib.loads(text)
    for name in head:
        table = table[name]
    return SettingsFile("dlcli.toml" if not head else "pyproject.toml", table, head, text)


def shown(cwd: Path, *words: str, env: dict[str, str] | None = None) -> dict[str, dict]:
    """`dlcli config show WORDS --json`, of the last command: key -> its row."""
    ran = dlcli("config", "show", *words, "--json", cwd=cwd, env=env)
    assert ran.code == 0, ran.err
    (rows,) = json.loads(ran.out)["commands"].values()
    return {row["key"]: row for row in rows}


def labels(ran: Ran) -> list[str]:
    return [found["label"] for found in json.loads(ran.out)["detections"]]


def test_each_layer_beats_the_one_before(tmp_path):
    places = []
    for step in range(5):
        if step == 1:
            (tmp_path / "pyproject.toml").write_text("[tool.dlcli.detect]\nconf = 0.31\n")
        if step == 2:
            (tmp_path / "dlcli.toml").write_text("# ours\nconf = 0.32\n")
        env = {"DLCLI_CONF": "0.33"} if step >= 3 else None
        row = shown(tmp_path, "detect", *(["--conf", "0.34"] if step == 4 else []), env=env)["conf"]
        places.append((row["value"], row["source"], row["origin"]))
    assert places == [
        (0.25, "default", ""),
        (0.31, "file", "pyproject.toml:2"),
        (0.32, "file", "dlcli.toml:2"),  # a stronger file's top level beats a weaker one's table
        (0.33, "environment", "DLCLI_CONF"),
        (0.34, "command line", ""),
    ]


def test_a_run_uses_them(tmp_path):
    (tmp_path / "dlcli.toml").write_text('json = true\n[detect]\nconf = 0.95\nclasses = ["cat", "dog"]\n')
    assert labels(dlcli("detect", CAT, cwd=tmp_path)) == []
    assert labels(dlcli("detect", CAT, "--conf", "0.5", cwd=tmp_path)) == ["cat"]
    assert labels(dlcli("detect", CAT, cwd=tmp_path, env={"DLCLI_DETECT_CONF": "0.5"})) == ["cat"]
    plain = dlcli("--no-settings", "detect", CAT, cwd=tmp_path)
    assert (plain.code, unscored(plain.out)) == (0, f"{CAT}: 1 cat (S)\n")
    assert dlcli("detect", CAT, cwd=tmp_path, env={"DLCLI_NO_SETTINGS": "1"}).out == plain.out


def test_a_flag_can_be_taken_back(tmp_path):
    (tmp_path / "dlcli.toml").write_text("json = true\nquiet = true\n[train.classify]\nno_flip = true\n")
    ran = dlcli("detect", CAT, CAT.with_name("rocket.jpg"), "--no-json", "--no-quiet", cwd=tmp_path)
    assert unscored(ran.lines[0]) == f"{CAT}: 1 cat (S)"
    assert ran.reported[0].startswith("2 images: ")
    again = dlcli("detect", CAT, CAT.with_name("rocket.jpg"), "--no-json", cwd=tmp_path, env={"DLCLI_QUIET": "no"})
    assert (again.code, again.out, len(again.reported)) == (ran.code, ran.out, len(ran.reported))
    assert shown(tmp_path, "train", "classify", "--flip")["no_flip"]["value"] is False


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[detect]\nconf = 2\n", "dlcli.toml:2: [detect] conf: --conf 2: expected a number from 0 to 1"),
        ('[detect]\nconf = "0.4"\n', 'dlcli.toml:2: [detect] conf: expected a number, got "0.4"'),
        ("max_det = 2.5\n", "dlcli.toml:1: max_det: --max-det 2.5: expected a whole number, at least 1"),
        ("max_det = true\n", "dlcli.toml:1: max_det: expected a whole number, got true"),
        ("tile = 1\n", "dlcli.toml:1: tile: expected true or false, got 1"),
        ('device = "gpu"\n', f"dlcli.toml:1: device: --device gpu: expected {DEVICES} or xnnpack; did you"),
        ("device = 1\n", f"dlcli.toml:1: device: expected one of {DEVICES}, xnnpack, got 1"),
        ("classes = [1.5, {}]\n", "dlcli.toml:1: classes: expected text, got a table"),
        ('classes = ["a,b"]\n', 'dlcli.toml:1: classes: expected text, got "a,b"'),
        ("report = [true]\n", "dlcli.toml:1: report: expected text; or an array of them, got true"),
        ("pre = 1979-05-27\n", 'dlcli.toml:1: pre: expected text, got "1979-05-27"'),
        ('out = ""\n', 'dlcli.toml:1: out: expected a path, got ""'),
        ('model = "a\\u0000b"\n', 'dlcli.toml:1: model: expected text, got "a\\u0000b"'),
        ('"a\\nb" = 1\n', "dlcli.toml: a\\x0ab: no command has such an option"),
        ("a = 1\n", "dlcli.toml:1: a: no command has such an option"),
        ("max-dett = 3\n", "dlcli.toml:1: max-dett: no command has such an option; did you mean max_det?"),
        ("[detect]\nthreshold = 0.5\n", "dlcli.toml:2: [detect] threshold: dlcli detect has no such option"),
        ("[detct]\nconf = 0.5\n", "dlcli.toml:1: detct: no command has such an option; did you mean detect?"),
        (
            "[train.detct]\nlr = 1\n",
            "dlcli.toml:1: [train] detct: dlcli train has no such option; did you mean detect?",
        ),
        ("detect = 3\n", "dlcli.toml:1: detect: this is a command; its options belong in a table of this name"),
        ("conf = {a = 3}\n", "dlcli.toml:1: conf: expected a value, got a table"),
        ("max_det = 3\nmax-det = 4\n", "dlcli.toml:2: max-det: the same as max_det, which is set too"),
        ("overwrite = true\n", "dlcli.toml:1: overwrite: --overwrite is given on the command line only"),
        ("[classify]\nmove = true\n", "dlcli.toml:2: [classify] move: --move is given on the command line only"),
        ('[detect]\nsources = ["a"]\n', "dlcli.toml:2: [detect] sources: SOURCE is given on the command line only"),
        ("conf = \n", "dlcli.toml: this is not TOML: Invalid value (at line 1, column 8)"),
        ("a = " + "[" * 3000, "dlcli.toml: this is not TOML"),
        ("\xff", "dlcli.toml: cannot be read: its text is not UTF-8; fix it, or pass dlcli --no-settings"),
    ],
    ids=lambda value: value[:24] if "dlcli.toml" not in value else "",
)
def test_a_fault_is_named_with_file_and_key(tmp_path, monkeypatch, capsys, text, words):
    (tmp_path / "dlcli.toml").write_bytes(text.encode("latin-1"))
    monkeypatch.chdir(tmp_path)
    assert run(build_app(), ["detect", str(CAT)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"dlcli: {words}")
    assert run(build_app(), ["detect", "--help"]) == 0  # help always works


def test_faults_in_other_places(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.dlcli.detect]\nconff = 1\n")
    assert "pyproject.toml:2: [tool.dlcli.detect] conff: dlcli detect has no such option; did you mean conf?" in (
        dlcli("detect", CAT, cwd=tmp_path).err
    )
    (tmp_path / "pyproject.toml").write_text("[tool]\ndlcli = 3\n")
    assert "pyproject.toml: tool.dlcli: expected a table" in dlcli("detect", CAT, cwd=tmp_path).err
    (tmp_path / "pyproject.toml").write_text("this is = = broken, but not ours\n")
    assert dlcli("detect", CAT, cwd=tmp_path).code == 0
    assert (
        "DLCLI_IOU: --iou 7: expected a number from 0 to 1"
        in dlcli("detect", CAT, cwd=tmp_path, env={"DLCLI_IOU": "7"}).err
    )


def test_a_mistyped_variable_is_told_and_does_nothing(tmp_path):
    ran = dlcli("detect", CAT, cwd=tmp_path, env={"DLCLI_COONF": "0.99", "DLCLI_HOME_OF_OTHERS": "x", "DLCLI_CONF": ""})
    assert (ran.code, unscored(ran.out)) == (0, f"{CAT}: 1 cat (S)\n")
    assert ran.reported[0].endswith(
        "DLCLI_COONF: no option has this variable, so it does nothing; did you mean DLCLI_CONF?"
    )
    assert len(ran.reported) == 1  # the other may be anybody's
    assert "DLCLI_HOME_OF_OTHERS" in dlcli("config", "show", cwd=tmp_path, env={"DLCLI_HOME_OF_OTHERS": "x"}).err


def test_a_refusal_by_the_command_says_where_the_option_was_set(tmp_path):
    (tmp_path / "dlcli.toml").write_text('classes = "dog"\n')
    ran = dlcli("detect", CAT, "--exclude-classes", "cat", cwd=tmp_path)
    assert ran.code == 2
    assert ran.reported[0] == "settings: dlcli.toml (classes)"
    assert ran.reported[2] == "Set outside this command line: dlcli.toml:1: classes"


@pytest.mark.parametrize("key", sorted({item.key for command in TREE.all_commands() for item in settable(command)}))
def test_every_option_may_stand_at_the_top(key):
    """Also where another command has an argument of that name, as models info has MODEL."""
    values = {"flag": "true", "integer": "3", "number": "0.5", "choice": '"x"', "text": '"x"', "path": '"x"'}
    option = next(item for command in TREE.all_commands() for item in settable(command) if item.key == key)
    Settings(TREE, [file_of(f"{key} = {values[option.kind]}\n")], {})


def test_required_options_may_come_from_settings(tmp_path):
    (tmp_path / "dlcli.toml").write_text('[style-transfer]\nstyle = "starry-night"\nsize = 64\nout = "painted"\n')
    assert dlcli("style-transfer", CAT, cwd=tmp_path).code == 0
    assert (tmp_path / "painted" / "results.jsonl").exists()


def test_what_is_printed_is_a_settings_file(tmp_path):
    (tmp_path / "dlcli.toml").write_text(
        'pre = "gamma(0.8)"\nfail_if = ["count(dog) > 0", "no(cat)"]\nthreads = 2\n[eval]\nsplit = "test\\u007f\\n"\n'
    )
    before = {command: shown(tmp_path, *command.split()) for command in ("detect", "eval detect", "preprocess")}
    text = "\n".join(dlcli("config", "show", *command.split(), cwd=tmp_path).out for command in before)
    (tmp_path / "dlcli.toml").write_text(text)
    for command, rows in before.items():
        after = shown(tmp_path, *command.split())
        assert {key: row["value"] for key, row in after.items()} == {key: row["value"] for key, row in rows.items()}
        assert after["threads" if "threads" in after else "split"]["source"] == "file"


def test_without_a_command_only_what_is_set_is_shown(tmp_path):
    assert dlcli("config", "show", cwd=tmp_path).out.startswith("# nothing is set")
    (tmp_path / "dlcli.toml").write_text("[train.detect]\nlr = 1e-3\n")
    assert dlcli("config", "show", cwd=tmp_path).lines == ["[train.detect]", "lr = 0.001  # dlcli.toml:2"]
    ran = dlcli("config", "show", "train", "--json", cwd=tmp_path)
    row = {"key": "lr", "value": 0.001, "source": "file", "origin": "dlcli.toml:2"}
    assert json.loads(ran.out) == {"files": ["dlcli.toml"], "commands": {"train detect": [row]}}
    assert "classify, detect" in dlcli("config", "show", "paint", cwd=tmp_path).err
    (tmp_path / "dlcli.toml").write_text("[train.detect]\nlr = -1\n")
    assert dlcli("config", "show", cwd=tmp_path).code == 2


def test_the_nearest_file_upwards_within_the_repository(tmp_path):
    inner = tmp_path / "repository" / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "dlcli.toml").write_text("conf = 0.1\n")
    assert [file.path for file in find_settings(inner)] == ["../../../dlcli.toml"]
    (tmp_path / "repository" / ".git").write_text("gitdir: elsewhere")  # as in a worktree
    assert find_settings(inner) == []
    (tmp_path / "repository" / "dlcli.toml").write_text("conf = 0.2\n")
    (tmp_path / "repository" / "pyproject.toml").write_text("[tool.dlcli]\nconf = 0.3\n")
    (inner.parent / "pyproject.toml").write_text("[tool.ruff]\n# not dlcli\n")
    assert [file.table["conf"] for file in find_settings(inner)] == [0.3, 0.2]
    (inner / "dlcli.toml").mkdir()  # no file
    assert len(find_settings(inner)) == 2
    assert folders_upwards(Path("/"))[-1] == Path("/")


def test_a_command_beats_its_group_and_that_the_top():
    text = "lr = 0.1\nseed = 1\nthreads = 1\n[train]\nlr = 0.2\nseed = 2\n[train.detect]\nlr = 0.3\n"
    found = Settings(TREE, [file_of(text)], {}).of(TRAIN_DETECT)
    assert [(found[name].value, found[name].place) for name in ("lr", "seed", "threads")] == [
        ("0.3", "dlcli.toml:8: [train.detect] lr"),
        ("2", "dlcli.toml:6: [train] seed"),
        ("1", "dlcli.toml:3: threads"),
    ]
    environment = {"DLCLI_LR": "1", "DLCLI_TRAIN_LR": "2", "DLCLI_SEED": "3"}
    found = Settings(TREE, [file_of(text)], environment).of(TRAIN_DETECT)
    assert [found[name].origin for name in ("lr", "seed")] == ["DLCLI_TRAIN_LR", "DLCLI_SEED"]


def test_every_option_but_the_dangerous_ones_has_a_variable_of_its_own():
    for command in TREE.all_commands():
        own = [variables(command, option)[0] for option in settable(command)]
        assert len(set(own)) == len(own)
    names = {variables(DETECT, option)[0] for option in settable(DETECT)}
    assert {"DLCLI_DETECT_CONF", "DLCLI_DETECT_MAX_DET"} <= names
    assert not names & {"DLCLI_DETECT_OVERWRITE", "DLCLI_DETECT_PLAN", "DLCLI_DETECT_SOURCES"}


def test_variables_of_several_values_take_one_a_line():
    found = Settings(TREE, [], {"DLCLI_FAIL_IF": "count(dog) > 0\nno(cat)"}).of(DETECT)
    assert found["fail_if"].value == ["count(dog) > 0", "no(cat)"]


@pytest.mark.parametrize(
    ("text", "keys", "line"),
    [
        ("a = 1\n[b.c]\nd = 2\n", ("b", "c", "d"), 3),
        ("[b.c]\n", ("b", "c"), 1),
        ('["b"."c"]\n"d" = 1', ("b", "c", "d"), 2),
        ("b.c.d = 1", ("b", "c", "d"), 1),
        ("b = {c = {d = 1}}", ("b", "c", "d"), 0),
        ('x = """\na = 1\n"""\na = 2\n', ("a",), 0),  # two lines look like it
        ("", ("a",), 0),
    ],
)
def test_lines(text, keys, line):
    tomllib.loads(text)
    assert line_of(text, keys) == line


@given(
    st.text(max_size=60)
    | st.sampled_from(["[detect]\n", "[train.detect]\nlr ="]).flatmap(lambda a: st.text().map(a.__add__))
)
def test_any_text_gives_settings_or_a_sentence(text):
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    refusal = "dlcli.toml"
    try:
        Settings(TREE, [SettingsFile("dlcli.toml", table, (), text)], {}).of(DETECT)
    except UsageError as error:
        refusal = str(error)
    assert refusal.startswith("dlcli.toml")


def test_help_and_plain_runs_read_no_toml(tmp_path):
    (tmp_path / "dlcli.toml").write_text("conf = 0.5\n")
    (tmp_path / "other" / ".git").mkdir(parents=True)
    code = (
        "import sys; from dlcli.cli.app import main; sys.argv = ['dlcli', *sys.argv[1:]]\n"
        "try: main()\nexcept SystemExit: print('TOML' if 'tomllib' in sys.modules else 'NONE')"
    )
    for words, cwd, answer in ((["--help"], tmp_path, "NONE"), (["schema", "detect"], tmp_path / "other", "NONE"),
                               (["config", "show"], tmp_path, "TOML")):  # fmt: skip
        done = subprocess.run([sys.executable, "-c", code, *words], cwd=cwd, capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == answer


def test_a_removed_working_directory_has_no_settings(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"cd {gone}; rmdir {gone}; PYTHONPATH={ROOT} {sys.executable} -m dlcli detect {CAT} -q"
    done = subprocess.run([shutil.which("bash"), "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
