"""--config, --from-run and --resume: options from files that the command line names."""

import json

import pytest

from dlcli.cli.settings.typed_layers import typed_layers
from dlcli.cli.spec import read_tree
from dlcli.errors import MissingError, UsageError
from tests.program import dlcli

CARD = {
    "name": "mine",
    "task": "segment",
    "labels": ["a"],
    "input": [64, 64],
    "mean": [0, 0, 0],
    "std": [1, 1, 1],
}


@pytest.fixture(scope="module")
def command():
    import typer

    from dlcli.cli.app import build_app

    return read_tree(typer.main.get_command(build_app())).find(("train", "segment"))


@pytest.fixture
def run(tmp_path):
    """The folder of one, as far as options are concerned."""
    from dlcli.card import ModelCard

    card = json.loads(ModelCard(**{name: tuple(v) if isinstance(v, list) else v for name, v in CARD.items()}).to_json())
    options = {"data": "set", "out": "old", "lr": 0.5, "from_": "none", "dropout": None, "resume": True, "gone": 1}
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"task": "segment", "options": options, "card": card}))
    (folder / "last.pt").touch()
    return folder


def values(typed, command):
    return {name: setting.value for name, setting in typed_layers(typed, command).items()}


def test_a_file_holds_options_as_they_are_typed(tmp_path, command):
    file = tmp_path / "run.toml"
    file.write_text('lr = 0.5\nclip-value = 1\nskip_bad = true\nfrom = "none"\nout = "there"\noptimizer = "sgd"\n')
    expected = {"lr": "0.5", "clip_value": "1", "skip_bad": True, "from_": "none", "out": "there", "optimizer": "sgd"}
    assert values({"config": str(file)}, command) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lrr = 1", r"run\.toml:1: lrr: dlcli train segment has no such option; did you mean lr\?"),
        ("a = 1\nlr = 'x'", r"run\.toml:1: a: dlcli train segment has no such option"),
        ("lr = 'x'", r"run\.toml:1: lr: expected a number"),
        ("[lr]\nx = 1", r"lr: expected a number, got a table"),
        ("lr = ", r"run\.toml: this is not TOML"),
        ("config = 'other.toml'", r"config: dlcli train segment has no such option"),
    ],
)
def test_what_is_wrong_with_a_file_is_named_with_its_line(text, message, tmp_path, command):
    (tmp_path / "run.toml").write_text(text)
    with pytest.raises(UsageError, match=message):
        typed_layers({"config": str(tmp_path / "run.toml")}, command)


def test_a_missing_file_is_named(command):
    with pytest.raises(MissingError, match=r"--config nowhere\.toml: no such file"):
        typed_layers({"config": "nowhere.toml"}, command)


def test_a_run_gives_what_is_not_its_own(run, command):
    """None where it goes on without --out, or where there is no run: training says so."""
    expected = {"data": "set", "lr": 0.5, "from_": "none"}
    assert values({"from_run": str(run)}, command) == expected
    assert values({"resume": True, "out": str(run)}, command) == expected
    assert values({"resume": True}, command) == values({"resume": True, "out": "nowhere"}, command) == {}
    assert values({"out": str(run)}, command) == {}


def test_folds_go_on_with_their_own_options(run, tmp_path, command):
    """Of any of them, but for its number: all are to be done."""
    (tmp_path / "folds").mkdir()
    config = json.loads((run / "config.json").read_text())
    config["options"] |= {"kfold": 3, "fold": 2}
    (run / "config.json").write_text(json.dumps(config))
    run.rename(tmp_path / "folds" / "fold-2")
    expected = {"data": "set", "lr": 0.5, "from_": "none", "kfold": 3}
    assert values({"resume": True, "out": str(tmp_path / "folds")}, command) == expected


def test_a_file_is_stronger_than_a_run(run, tmp_path, command):
    (tmp_path / "run.toml").write_text("lr = 0.1")
    assert values({"from_run": str(run), "config": str(tmp_path / "run.toml")}, command)["lr"] == "0.1"


def test_a_run_of_another_training_is_refused(run, command):
    config = json.loads((run / "config.json").read_text())
    config["card"]["task"] = "detect"
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(UsageError, match="is a run of dlcli train detect; expected one of dlcli train segment"):
        typed_layers({"from_run": str(run)}, command)


def test_what_is_typed_is_stronger_than_all(tmp_path):
    (tmp_path / "run.toml").write_text(f'out = "{tmp_path}/out"\nsize = 33\nloss = "dice"')
    ran = dlcli("train", "segment", "sample_data/shapes", "--config", tmp_path / "run.toml", "--loss", "never")
    assert ran.code == 2
    assert f"Set outside this command line: {tmp_path}/run.toml:2: size" in ran.err
    assert "--size 33: expected a multiple of 32" in ran.err
    ran = dlcli(
        "train", "segment", "sample_data/shapes", "--config", tmp_path / "run.toml", "--size", 64, "--loss", "x"
    )
    assert "--loss x: expected dice" in ran.err


def test_a_settings_file_may_not_name_them(tmp_path):
    (tmp_path / "dlcli.toml").write_text('config = "run.toml"')
    ran = dlcli("train", "segment", "x", "--out", "y", cwd=tmp_path)
    assert ran.code == 2
    assert "--config is given on the command line only" in ran.err
