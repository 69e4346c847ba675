"""`dlcli.TASK()` gives what the command records, for files, bytes and arrays, alone and together."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image

import dlcli
from dlcli.api.options import function_name
from dlcli.tasks.registry import all_tasks
from tests.imaging.color.test_color import LINEAR, by_pillow
from tests.program import CAT, SAMPLES
from tests.program import dlcli as run

WANTED = {
    "detect": {"conf": 0.3, "classes": ["cat", "person"]},
    "classify": {"top": 3, "exclude_classes": "espresso"},
    "segment": {"min_share": 0.01},
    "style-transfer": {"style": ["starry-night", "great-wave"], "blend": [0.7, 0.3], "size": 128},
    "preprocess": {"clahe": 2, "resize": "96"},
}
GOOD = [CAT, SAMPLES / "coffee.jpg", *(SAMPLES / "broken" / f"{n}" for n in ("exif-turned.jpg", "palette.gif"))]
COFFEE = SAMPLES / "coffee.jpg"


def words_of(options: dict[str, object]) -> list[str]:
    words = []
    for name, value in options.items():
        listed = name in ("classes", "blend")
        for item in [",".join(map(str, value))] if listed else value if isinstance(value, list) else [value]:
            words += [f"--{name.replace('_', '-')}", str(item)]
    return words


def records_of_command(task: str, options: dict[str, object], images: list, out) -> list[dict]:
    needs_out = all_tasks()[task].needs_out
    ran = run(task, *images, *words_of(options), "--json", *(["--out", out] if needs_out else []))
    assert ran.code == 0, ran.err
    records = [json.loads(line) for line in ran.lines]
    return [record | {"outputs": []} if needs_out else record for record in records]


@pytest.mark.parametrize("task", sorted(all_tasks()))
def test_the_records_are_those_of_the_command(task, tmp_path):
    (tmp_path / "pages.gif").write_bytes(CAT.read_bytes())
    pages = [Image.new("RGB", (64, 64), (level, 90, 30)) for level in (10, 200)]
    pages[0].save(tmp_path / "pages.gif", save_all=True, append_images=pages[1:])
    images = [*GOOD, tmp_path / "pages.gif"]
    call = getattr(dlcli, function_name(all_tasks()[task]))
    together = call(images, **WANTED[task])
    expected = records_of_command(task, WANTED[task], images, tmp_path / "out")
    assert [result.to_dict() for result in together] == expected
    assert call(str(CAT), **WANTED[task]).to_dict() == expected[0]


def test_an_array_and_bytes_are_as_the_file():
    pixels = cv2.cvtColor(cv2.imread(str(CAT)), cv2.COLOR_BGR2RGB)
    of_file, of_bytes, of_array = dlcli.detect(CAT), dlcli.detect(CAT.read_bytes()), dlcli.detect(pixels)
    assert of_file.detections == of_bytes.detections == of_array.detections
    assert (of_bytes.source, of_array.source) == ("<bytes>", "<array>")
    assert [detection.label for detection in of_array] == ["cat"]
    assert of_array.boxes.shape == (1, 4)
    assert of_array[0].box == pytest.approx(tuple(of_array.boxes[0]))
    assert (len(of_file), of_file.scores.shape, of_file.class_ids.tolist()) == (1, (1,), [15])


def test_nothing_found_is_empty_arrays():
    found = dlcli.detect(np.zeros((40, 60, 3), np.uint8), conf=0.99)
    assert (len(found), found.boxes.shape, found.width, found.height) == (0, (0, 4), 60, 40)


def test_masks_are_those_that_the_command_writes(tmp_path):
    found = dlcli.segment(CAT)
    run("segment", CAT, "--out", tmp_path)
    assert (found.mask == np.asarray(Image.open(tmp_path / "cat.png"))).all()
    assert found.mask_of("cat").mean() == pytest.approx(found[0].share, abs=1e-4)
    assert not found.mask_of("dog").any()
    with pytest.raises(dlcli.UsageError, match="no class ct; did you mean cat"):
        found.mask_of("ct")


def test_painted_pixels_are_those_that_the_command_writes(tmp_path):
    made = dlcli.style_transfer(CAT, style="shipwreck")
    run("style-transfer", CAT, "--style", "shipwreck", "--out", tmp_path)
    made.save(tmp_path / "deep" / "mine.jpg", quality=92)
    assert (tmp_path / "deep/mine.jpg").read_bytes() == (tmp_path / "cat.jpg").read_bytes()
    assert made.styles[0].share == 1


def test_pixels_for_a_model_and_where_they_lie():
    made = dlcli.preprocess(CAT, for_="coco")
    assert made.pixels.shape == (320, 320, 3)
    assert made.size == (320, 320)
    assert made.placement.sx == pytest.approx(320 / 451)


def test_sixteen_bits_are_kept_by_preprocess_alone():
    deep = np.full((8, 8, 3), 40_000, np.uint16)
    assert dlcli.preprocess(deep, gamma=1).pixels.dtype == np.uint16
    with pytest.raises(dlcli.UsageError, match="expected uint8"):
        dlcli.detect(deep)


def test_pixels_are_srgb_whatever_the_profile(tmp_path):
    stored = Image.open(CAT).crop((0, 0, 90, 60))
    stored.save(tmp_path / "linear.png", icc_profile=LINEAR)
    made = dlcli.preprocess(tmp_path / "linear.png").pixels
    assert np.abs(made - by_pillow(np.asarray(stored), LINEAR)).max() <= 1
    assert np.abs(made.astype(int) - np.asarray(stored)).mean() > 20


def test_the_image_itself_is_not_written_over(tmp_path):
    path = tmp_path / "cat.png"
    Image.open(CAT).save(path)
    with pytest.raises(dlcli.UsageError, match="is the image that was read"):
        dlcli.preprocess(path, gamma=0.8).save(path)


def test_an_image_that_cannot_be_used_is_an_error_with_the_words_of_the_command():
    bad = SAMPLES / "broken/truncated.jpg"
    (record,) = (json.loads(line) for line in run("detect", bad, "--json").lines)
    with pytest.raises(dlcli.ImageError) as raised:
        dlcli.detect(bad)
    message = record["error"]["message"].replace("pass --skip-bad", "catch dlcli.ImageError to go on without it")
    assert (raised.value.kind, str(raised.value)) == (record["error"]["kind"], message)
    look, seen = dlcli.load("detect"), []
    with pytest.raises(dlcli.ImageError):
        seen.extend(look.each([CAT, bad, CAT]))
    assert look(CAT).to_dict() == dlcli.detect(CAT).to_dict()
