"""Values and words that are refused: the option, the value, what was expected, and what to write instead."""

import pytest

from tests.program import CAT, SAMPLES, dlcli


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("detect x --conf 1.5", "--conf 1.5: expected a number from 0 to 1"),
        ("detect x --conf=", "--conf '': expected a number from 0 to 1"),
        ("detect x --conf much", "--conf much: expected a number from 0 to 1"),
        ("detect x --max-det 0", "--max-det 0: expected a whole number, at least 1"),
        (
            "detect x --device gpu",
            "--device gpu: expected auto, cpu, cuda, tensorrt, coreml, directml, openvino or xnnpack; "
            "did you mean cuda?",
        ),
        (
            "detect x --device 0",
            "--device 0: expected auto, cpu, cuda, tensorrt, coreml, directml, openvino or xnnpack; did you mean cuda?",
        ),
        ("preprocess x --format jpeg", "--format jpeg: expected keep, jpg, png, webp or tiff; did you mean jpg?"),
        ("preprocess x --format tif", "did you mean tiff?"),
        ("preprocess x --denoise --out z", "--denoise took --out as its value; expected a number after --denoise"),
        ("detect x --classes --json", "--classes took --json as its value"),
        ("detect x --conf", "--conf: expected a number from 0 to 1 after it"),
        ("detect --source x", "no such option: --source; sources stand alone"),
        ("detect x --weights y", "no such option: --weights; use --model"),
        ("detect x --imgsz 640", "no such option: --imgsz; the size is the model's own"),
        ("detect x --dry-run", "no such option: --dry-run; use --plan"),
        ("detect x --force", "no such option: --force; use --overwrite"),
        ("train mae x --overwrite", "no such option: --overwrite; use --resume to go on; a folder of a run is never"),
        ("train mae x --verbos", "no such option: --verbos; dlcli says what there is to say"),
        ("detect x --output y", "no such option: --output; use --out DIR"),
        ("detect x --treshold 0.4", "no such option: --treshold; use --conf"),
        ("classify x --conf 0.4", "no such option: --conf; use --threshold"),
        ("segment x --threshold 0.4", "no such option: --threshold; use --min-share"),
        ("detect x --conff 0.4", "no such option: --conff; did you mean --conf?"),
        ("detect x -j 4", "no such option: -j; use --threads N"),
        ("detect x -v", "no such option: -v; dlcli says what there is to say"),
        (
            "detect x --no-color",
            "no such option: --no-color; it stands before the command: dlcli --no-color detect; or set NO_COLOR=1",
        ),
        ("detect x --threads 4 --jason", "no such option: --jason; did you mean --json?"),
        ("--jason", "no such option: --jason; did you mean --help-json?\nTry: dlcli --help"),
        ("config --show", "no such option: --show\nTry: dlcli config --help"),
        ("predict x", "no such command: predict; did you mean dlcli detect?"),
        ("dettect x", "no such command: dettect; did you mean detect?"),
        ("models lst", "no such command: lst; did you mean list?"),
        ("eval style-transfer x", "style-transfer cannot be scored; dlcli eval takes classify, detect, segment"),
        (
            "train preprocess x",
            "preprocess cannot be trained; dlcli train takes classify, detect, gan, mae, segment, ",
        ),
        ("schema", "TASK is missing; expected classify, detect, preprocess, segment or style-transfer"),
        ("schema detct", "TASK detct: expected classify, detect, preprocess, segment or style-transfer; did you mean"),
        ("completion", "SHELL is missing; expected bash, zsh or fish"),
        ("completion bsh", "SHELL bsh: expected bash, zsh or fish; did you mean bash?"),
        ("hook", "COMMAND is missing; expected: a command and its words"),
        ("train detect", "DATA is missing; expected: a labeled data set; its format is detected"),
        ("train detect sample_data/shapes", "--out is missing; expected: folder of this run"),
        ("convert sample_data/shapes y", "--to is missing; expected coco, yolo, voc, labelme, jsonl or masks"),
    ],
)
def test_what_is_refused(words, message):
    ran = dlcli(*words.split())
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert ran.err.rstrip().splitlines()[-1].startswith("Try: dlcli")


def test_a_value_that_begins_with_dashes_can_still_be_given():
    assert "no class --json" in dlcli("detect", CAT, "--classes=--json").err


def test_what_people_call_a_class_is_known():
    ran = dlcli("detect", CAT, "--classes", "cat,people")
    assert (ran.code, ran.err) == (2, "dlcli: --classes: no class people; did you mean person?\n")


def test_weights_of_others_name_the_option_and_the_way():
    ran = dlcli("detect", CAT, "--model", "x.pt")
    assert ran.code == 2
    assert ran.err.startswith("dlcli: --model x.pt: expected an .onnx file, got a .pt file, which is a pickle")
    assert ran.err.endswith("; export it as .onnx where it was made, then dlcli models import\n")


@pytest.mark.parametrize(
    "words",
    [
        ["eval", "detect", "DATA", "--split"],
        ["eval", "segment", "DATA", "--split"],
        ["convert", "DATA", "out", "--to", "coco", "--split"],
        ["doctor", "DATA", "--splits"],
    ],
    ids=" ".join,
)
def test_a_split_that_is_not_there_is_wrong_usage(words, tmp_path):
    ran = dlcli(*(SAMPLES / "shapes" if word == "DATA" else word for word in words), "vla", cwd=tmp_path)
    assert ran.code == 2
    assert f"dlcli: {words[-1]}: {SAMPLES / 'shapes'}: no split 'vla' (looked for " in ran.err
    assert "; found train, val; did you mean val?" in ran.err
    assert not list(tmp_path.iterdir())
