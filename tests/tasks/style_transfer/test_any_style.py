"""`dlcli style-transfer --style FILE` in the light core: any image as a style, mixed, weak, odd, and refused."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from dlcli.models.store import named_models
from dlcli.tasks.style_transfer.any_style import AREA, IDLE, STYLE_STEP, for_encoder
from dlcli.tasks.style_transfer.options import ANY_STYLE
from tests.program import CAT, SAMPLES, dlcli, loaded_modules

bundled = pytest.mark.skipif(ANY_STYLE not in named_models(), reason="no any-style model is bundled")
WAVE, ROCKET = SAMPLES / "great-wave.jpg", SAMPLES / "rocket.jpg"


@pytest.fixture(scope="module")
def photo(tmp_path_factory) -> Path:
    """The cat at 120 x 80 pixels."""
    path = tmp_path_factory.mktemp("photo") / "cat.png"
    cv2.imwrite(str(path), cv2.resize(cv2.imread(str(CAT)), (120, 80), interpolation=cv2.INTER_AREA))
    return path


def paint(out: Path, photo: Path, *arguments: object):
    return dlcli("style-transfer", photo, "--json", "--out", out, *arguments)


def pixels(path: Path) -> np.ndarray:
    return cv2.imread(str(path))


@pytest.mark.parametrize(
    ("height", "width"), [(16, 16), (640, 480), (20, 3000), (5000, 7000), (414, 614)], ids=lambda side: str(side)
)
def test_the_encoder_sees_about_so_many_pixels_of_the_same_shape(height, width):
    seen = for_encoder(np.zeros((height, width, 3), np.uint8)).shape[:2]
    assert all(side % STYLE_STEP == 0 and side >= IDLE for side in seen)
    assert 0.7 * AREA < seen[0] * seen[1] < 1.4 * AREA
    if min(seen) > IDLE:
        assert seen[1] / seen[0] == pytest.approx(width / height, rel=0.12)


@bundled
def test_a_file_is_a_style_without_torch(photo, tmp_path):
    code, loaded = loaded_modules("style-transfer", photo, "--style", WAVE, "--out", tmp_path)
    assert (code, "torch" in loaded, "onnxruntime" in loaded) == (0, False, True)
    assert pixels(tmp_path / "cat.png").shape == (80, 120, 3)


@bundled
def test_the_record_names_the_file_and_the_model_and_bytes_repeat(photo, tmp_path):
    runs = [paint(tmp_path / out, photo, "--style", WAVE) for out in ("a", "b")]
    record = json.loads(runs[0].out)
    assert (record["method"], record["styles"]) == ("fast", [{"style": str(WAVE), "share": 1.0}])
    assert record["model"].startswith("any@sha256:")
    assert (tmp_path / "a/cat.png").read_bytes() == (tmp_path / "b/cat.png").read_bytes()


@bundled
def test_a_style_brings_its_colors_and_more_than_those(photo, tmp_path):
    from dlcli.imaging.reader import read_image
    from dlcli.records import Source
    from dlcli.tasks.style_transfer.colors import Palette, recolor

    assert paint(tmp_path, photo, "--style", WAVE).code == 0
    painted, aim = pixels(tmp_path / "cat.png"), pixels(WAVE)
    assert np.abs(painted.mean((0, 1)) - aim.mean((0, 1))).max() < 30
    content, style = (read_image(Source.of_file(path)).pixels for path in (photo, WAVE))
    colored = recolor(content, [(Palette.of(for_encoder(style)), 1.0)])[:, :, ::-1]
    assert np.abs(painted.astype(int) - colored).mean() > 3  # painted, and not only in its colors


@bundled
def test_styles_mix_and_a_bundled_one_is_among_them(photo, tmp_path):
    for out, arguments in {
        "a": ["--style", ROCKET],
        "b": ["--style", "san-giorgio", "--model", "any"],
        "ab": ["--style", ROCKET, "--style", "san-giorgio", "--blend", "1,3"],
        "mostly a": ["--style", ROCKET, "--style", "san-giorgio", "--blend", "999,1"],
    }.items():
        assert paint(tmp_path / out, photo, *arguments).code == 0
    found = {out: pixels(tmp_path / out / "cat.png").astype(int) for out in ("a", "b", "ab", "mostly a")}
    means = {out: image.mean((0, 1)) for out, image in found.items()}
    assert np.abs(means["ab"] - (0.25 * means["a"] + 0.75 * means["b"])).max() < 12
    assert np.abs(found["mostly a"] - found["a"]).mean() < 2 < np.abs(found["b"] - found["a"]).mean()


@bundled
def test_strength_zero_is_the_photo_and_preserved_colors_are_its_own(photo, tmp_path):
    assert paint(tmp_path / "0", photo, "--style", WAVE, "--strength", "0").code == 0
    assert np.array_equal(pixels(tmp_path / "0/cat.png"), pixels(photo))
    assert paint(tmp_path / "c", photo, "--style", WAVE, "--preserve-color").code == 0
    chroma = [
        cv2.cvtColor(pixels(path), cv2.COLOR_BGR2YCrCb)[:, :, 1:].mean((0, 1))
        for path in (tmp_path / "c/cat.png", photo)
    ]
    assert np.abs(chroma[0] - chroma[1]).max() < 4


@bundled
@pytest.mark.parametrize("kind", ["gray", "even", "small", "long", "large"])
def test_odd_styles_are_styles(kind, photo, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (3000, 2500), dtype=np.uint8)
    made = {
        "gray": noise[:100, :80],
        "even": np.full((40, 40, 3), (90, 140, 30), np.uint8),
        "small": noise[:16, :16],
        "long": noise[:2000, :17],
        "large": noise,
    }[kind]
    cv2.imwrite(str(tmp_path / "style.png"), made)
    ran = paint(tmp_path / "out", photo, "--style", tmp_path / "style.png")
    assert ran.code == 0, ran.err
    painted = pixels(tmp_path / "out/cat.png")
    assert painted.shape == (80, 120, 3)
    if kind == "gray":
        assert np.abs(np.diff(painted.astype(int), axis=2)).mean() < 12


@bundled
def test_what_is_no_style_is_refused_by_name(photo, tmp_path):
    cv2.imwrite(str(tmp_path / "dot.png"), np.zeros((3, 3, 3), np.uint8))
    for style, code, words in [
        (SAMPLES / "broken/text.jpg", 5, "text.jpg"),
        (tmp_path / "dot.png", 5, "dot.png: is 3 x 3, expected at least 16 pixels a side"),
        (tmp_path, 5, str(tmp_path)),
        ("gone.jpg", 2, "or a file of an image"),
    ]:
        ran = paint(tmp_path / "out", photo, "--style", style)
        assert (ran.code, words in ran.err) == (code, True), ran.err


def test_a_painter_of_named_styles_says_what_it_knows(photo, tmp_path):
    ran = paint(tmp_path, photo, "--style", WAVE, "--model", "painter")
    assert ran.code == 2
    assert "paints in the styles that it was trained on" in ran.err
    assert "leave --model out, or add --method optimize" in ran.err


@bundled
def test_a_plan_and_a_resumed_run_know_the_style_by_its_content(photo, tmp_path):
    style, out = tmp_path / "style.png", tmp_path / "out"
    cv2.imwrite(str(style), pixels(WAVE)[:64, :64])
    command = ["style-transfer", photo, "--style", style, "--out", out]
    assert "any@sha256:" in dlcli(*command, "--plan", "--json").out
    assert dlcli(*command).code == 0
    assert dlcli(*command, "--resume").code == 0
    cv2.imwrite(str(style), pixels(WAVE)[64:128, :64])
    ran = dlcli(*command, "--resume")
    assert (ran.code, "--style was" in ran.err) == (2, True), ran.err
