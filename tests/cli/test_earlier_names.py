"""What earlier versions called an option or a value is still taken, and shown in no help."""

import json

import pytest

from tests.program import CAT, ROOT, SAMPLES, dlcli


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("detect", CAT, "--timeout-per-picture", "x"), "--timeout-per-image x: expected a number, at least 0"),
        (("detect", CAT, "--timeout-per-picture=x"), "--timeout-per-image x: expected a number, at least 0"),
        (("style-transfer", CAT, "--style", "x.jpg", "--out", "x", "--method", "optimise"), "--style x.jpg: "),
        (("style-transfer", CAT, "--style", "x.jpg", "--out", "x", "--method=optimise"), "--style x.jpg: "),
        (("train", "classify", "nowhere", "--out", "x", "--no-colour"), "nowhere: no such"),
        (("train", "classify", "nowhere", "--out", "x", "--colour"), "nowhere: no such"),
        (("convert", "nowhere", "x", "--to", "coco", "--pictures", "copy"), "nowhere: no such"),
        (("export", "nowhere", "--pictures", "2", "--ap-pictures=3"), "nowhere"),
        (("models", "import", "nowhere.onnx", "--name", "x", "--task", "classify", "--licence", "MIT"), "nowhere.onnx"),
    ],
)
def test_options_and_values(words, message, tmp_path):
    """They are understood: what is wrong is something else, and is told in names of today."""
    ran = dlcli(*words, cwd=tmp_path)
    assert ran.code in (2, 4)
    assert message in ran.err


def test_steps_and_kinds_of_files(tmp_path):
    for out, words in {"a": ("--pre", "grey | equalise"), "b": ("--pre", "gray | equalize")}.items():
        assert dlcli("preprocess", CAT, *words, "--out", tmp_path / out, "--save", "pictures").code == 0
    assert (tmp_path / "a/cat.jpg").read_bytes() == (tmp_path / "b/cat.jpg").read_bytes()


def test_settings_and_variables(tmp_path):
    (tmp_path / "dlcli.toml").write_text("[detect]\ntimeout_per_picture = 7\n")
    shown = dlcli("config", "show", "detect", "--json", cwd=tmp_path)
    assert "timeout_per_image" in shown.out
    assert "7" in dlcli("config", "show", "detect", cwd=tmp_path).out.split("timeout_per_image = ")[1][:3]
    env = {"DLCLI_TIMEOUT_PER_PICTURE": "9"}
    assert "timeout_per_image = 9" in dlcli("config", "show", "detect", cwd=tmp_path, env=env).out


def test_words_behind_two_dashes_and_values_of_other_options_stay(tmp_path):
    (tmp_path / "--no-colour").write_bytes(CAT.read_bytes())
    assert json.loads(dlcli("detect", "--json", "--", "--no-colour", cwd=tmp_path).out)["source"] == "--no-colour"
    ran = dlcli("detect", CAT, "--out", "grey-pictures", cwd=tmp_path)
    assert ran.code == 0
    assert (tmp_path / "grey-pictures").is_dir()


def test_no_help_shows_them():
    assert SAMPLES.is_dir()
    reference = (ROOT / "docs/reference.md").read_text().lower()
    assert not [word for word in ("picture", "colour", "licence", "optimise", "equalise") if word in reference]
