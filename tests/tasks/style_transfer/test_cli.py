"""`dlcli style-transfer` as a shell runs it: both methods, what comes out, and what is refused."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from dlcli.distribution import install_command
from dlcli.tasks.style_transfer.options import bundled_styles
from tests.program import CAT, SAMPLES, dlcli, loaded_modules

SLOW = ["--method", "optimize", "--size", "64", "--steps", "3", "--threads", "1"]


def paint(out: Path, *arguments: object):
    return dlcli("style-transfer", "--json", "--out", out, *arguments)


def pixels(path: Path) -> np.ndarray:
    return cv2.imread(str(path))


def test_fast_paints_several_images_at_their_own_size(tmp_path):
    ran = paint(tmp_path, CAT, SAMPLES / "coffee.jpg", "--style", "starry-night")
    assert ran.code == 0
    records = [json.loads(line) for line in ran.lines]
    assert [record["outputs"] for record in records] == [["cat.jpg"], ["coffee.jpg"]]
    assert records[0]["styles"] == [{"style": "starry-night", "share": 1.0}]
    assert records[0]["model"].startswith("painter@sha256:")
    for name in ("cat.jpg", "coffee.jpg"):
        painted, content = pixels(tmp_path / name), pixels(SAMPLES / name)
        assert painted.shape == content.shape
        assert np.abs(painted.astype(int) - content).mean() > 15  # painted, and not copied
        blurred = [cv2.blur(image, (40, 40)).mean(2).ravel() for image in (painted, content)]
        assert np.corrcoef(*blurred)[0, 1] > 0.7  # light is where it was


@pytest.mark.parametrize("style", sorted(bundled_styles()))
def test_every_bundled_style_brings_its_own_colors(style, tmp_path):
    assert paint(tmp_path, CAT, "--style", style).code == 0
    painted, aim = pixels(tmp_path / "cat.jpg").mean((0, 1)), pixels(Path(bundled_styles()[style])).mean((0, 1))
    assert np.abs(painted - aim).max() < 30


def test_fast_is_in_the_light_core(tmp_path):
    code, loaded = loaded_modules("style-transfer", CAT, "--style", "great-wave", "--out", tmp_path)
    assert (code, "torch" in loaded, "onnxruntime" in loaded) == (0, False, True)


def test_a_blend_lies_between_and_strength_weakens(tmp_path):
    both = ["--style", "starry-night", "--style", "san-giorgio"]
    for out, arguments in {
        "a": ["--style", "starry-night"],
        "b": ["--style", "san-giorgio"],
        "ab": [*both, "--blend", "1,3"],
        "weak": ["--style", "starry-night", "--strength", "0.3"],
    }.items():
        assert paint(tmp_path / out, CAT, *arguments).code == 0
    means = {out: pixels(tmp_path / out / "cat.jpg").mean((0, 1)) for out in ("a", "b", "ab")}
    assert np.abs(means["ab"] - (0.25 * means["a"] + 0.75 * means["b"])).max() < 12
    content = pixels(CAT).astype(int)
    far, near = (np.abs(pixels(tmp_path / out / "cat.jpg") - content).mean() for out in ("a", "weak"))
    assert near == pytest.approx(far * 0.3, rel=0.1)


def test_preserved_colors_and_odd_sizes(tmp_path):
    for number, (height, width) in enumerate([(1, 1), (3, 70), (61, 47), (200, 1)]):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((height, width, 3), (30, 90, 200), np.uint8))
    ran = paint(tmp_path / "out", *sorted(tmp_path.glob("*.png")), "--style", "great-wave", "--preserve-color")
    assert ran.code == 0
    assert [pixels(tmp_path / "out" / f"{n}.png").shape[:2] for n in range(4)] == [(1, 1), (3, 70), (61, 47), (200, 1)]
    blue, green, red = pixels(tmp_path / "out" / "2.png").mean((0, 1))
    assert red > green > blue


def test_a_large_image_is_painted_smaller_and_comes_back_at_its_size(tmp_path):
    large = cv2.resize(pixels(CAT), (2600, 1500))
    cv2.imwrite(str(tmp_path / "large.jpg"), large)
    assert paint(tmp_path / "out", tmp_path / "large.jpg", "--style", "shipwreck", "--size", "400").code == 0
    assert pixels(tmp_path / "out" / "large.jpg").shape == large.shape


def test_optimize_paints_any_image_with_its_losses(tmp_path):
    style = SAMPLES / "great-wave.jpg"
    ran = paint(tmp_path, CAT, "--style", style, *SLOW, "--plot", "--save-every", "2")
    assert ran.code == 0, ran.err
    record = json.loads(ran.out)
    assert (record["method"], record["model"]) == ("optimise", "optimise/lite")  # words: keep
    assert set(record["losses"]) == {"content", "style", "variation"}
    assert record["outputs"][0] == "cat.jpg"
    assert {"steps/cat_jpg/00002.png", "losses/cat_jpg.png"} <= set(record["outputs"])
    assert pixels(tmp_path / "cat.jpg").shape == (43, 64, 3)
    assert pixels(tmp_path / "losses/cat_jpg.png").shape == (500, 900, 3)


def test_optimize_gives_equal_bytes_for_equal_seeds(tmp_path):
    for out in ("a", "b"):
        ran = paint(tmp_path / out, CAT, "--style", "starry-night", *SLOW, "--init", "noise", "--seed", "4")
        assert ran.code == 0
    assert (tmp_path / "a/cat.jpg").read_bytes() == (tmp_path / "b/cat.jpg").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "--style: say which; bundled are great-wave"),
        (["--style", "stary-night"], 2, "the nearest is starry-night"),
        (["--style", "gone.jpg"], 2, "--style gone.jpg: expected great-wave"),
        (["--style", "starry-night", "--steps", "5"], 2, "--steps: only --method optimize can do that"),
        (["--style", "starry-night", "--seed", "0"], 2, "--seed: only --method optimize can do that"),
        (["--style", "starry-night", "--style-weight", "0"], 2, "--style-weight: only --method optimize"),
        (["--style", "starry-night", "--plot"], 2, "--plot: only --method optimize can do that"),
        (
            ["--style", "starry-night", "--blend", "1,2"],
            2,
            "--blend 1,2: expected one number, since --style is given once",
        ),
        (["--style", "starry-night", "--style", "shipwreck", "--blend", "1"], 2, "expected 2 numbers above 0, one for"),
        (["--style", "stary-night", "--model", "painter"], 2, "the nearest is starry-night"),
        (["--style", "starry-night", "--size", "20"], 2, "--size 20: expected at least 32 pixels"),
        (["--style", "starry-night", "--size", "2561"], 2, "paints at 2560 pixels at most"),
        (["--style", "starry-night", "--model", "coco"], 2, "expected a model for style-transfer, got one for detect"),
        (["--style", "gone.jpg", *SLOW], 2, "--style gone.jpg: expected great-wave"),
        (["--style", SAMPLES / "broken/text.jpg", *SLOW], 5, "text.jpg"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(arguments, code, words, tmp_path):
    ran = dlcli("style-transfer", CAT, "--out", tmp_path, *arguments)
    assert (ran.code, words in ran.err) == (code, True), ran.err
    assert "Traceback" not in ran.err


def test_out_is_needed():
    ran = dlcli("style-transfer", CAT, "--style", "starry-night")
    assert (ran.code, "--out DIR" in ran.err) == (2, True)


def test_a_style_of_one_pixel_is_refused_with_its_size(tmp_path):
    cv2.imwrite(str(tmp_path / "dot.png"), np.zeros((1, 1, 3), np.uint8))
    ran = paint(tmp_path / "out", CAT, "--style", tmp_path / "dot.png", *SLOW)
    assert (ran.code, "dot.png: is 1 x 1, expected at least 16 pixels a side" in ran.err) == (5, True)


def test_a_content_that_is_too_thin_fails_alone(tmp_path):
    cv2.imwrite(str(tmp_path / "thin.png"), np.zeros((2, 900, 3), np.uint8))
    ran = paint(tmp_path / "out", tmp_path / "thin.png", CAT, "--style", "starry-night", *SLOW)
    assert ran.code == 3
    assert [json.loads(line)["ok"] for line in ran.lines] == [False, True]
    assert "too-thin" in ran.out


def test_optimize_without_torch_names_the_command(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('blocked')")
    ran = dlcli(
        *("style-transfer", CAT, "--style", "starry-night", "--method", "optimize", "--out", tmp_path / "out"),
        env={"PYTHONPATH": f"{tmp_path}:{SAMPLES.parent}"},
    )
    assert (ran.code, ran.err.strip().endswith(install_command("train"))) == (4, True), ran.err


def test_vgg_that_is_not_cached_is_told(tmp_path):
    ran = dlcli(
        *("style-transfer", CAT, "--style", "starry-night", *SLOW, "--features", "torchvision/vgg19"),
        *("--out", tmp_path / "out"),
        env={"TORCH_HOME": str(tmp_path)},
    )
    assert (ran.code, "vgg19-dcbb9e9d.pth" in ran.err) == (4, True), ran.err
