"""The shipped predictor scored over a set whose truth it knows."""

import cv2
import numpy as np
import pytest
from PIL import Image

from dlcli.data.formats import read_dataset
from dlcli.data.kinds import MASKS
from dlcli.errors import DataError, MissingError
from dlcli.evaluation.confusion_plot import draw_confusion, need_matplotlib
from dlcli.evaluation.evaluate import evaluate, score_images
from dlcli.evaluation.mask_plots import worst_sheet
from dlcli.imaging.formats.index_png import encode_index_png
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.task import TASK
from tests.tasks.segment.colors import LABELS, blocks, write_color_model


def write_set(folder, names=LABELS, sizes=((96, 128), (70, 50), (128, 128))):
    """Squares of colors; their masks name the colors by `names`."""
    table = np.array([names.index(label) for label in LABELS], np.uint8)
    for number, size in enumerate(sizes):
        pixels, truth = blocks(*size, 32, seed=number)
        (folder / "images").mkdir(parents=True, exist_ok=True)
        (folder / "masks").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(folder / "images" / f"{number}.png")
        mask = table[truth]
        mask[:3] = 255
        (folder / "masks" / f"{number}.png").write_bytes(encode_index_png(mask))
    (folder / "classes.txt").write_text("\n".join(names))
    return folder


@pytest.fixture
def options(tmp_path):
    return SegmentOptions(model=str(write_color_model(tmp_path / "colors.onnx")))


@pytest.mark.parametrize("names", [LABELS, ("blue", "green", "background", "red")])
def test_classes_go_by_name_and_void_does_not_count(tmp_path, options, names):
    done = evaluate(TASK, options, write_set(tmp_path / "set", names), "all", threads=2)
    assert done.labels == LABELS
    assert done.scores.images == 3
    assert done.scores.confusion.sum() == 93 * 128 + 67 * 50 + 125 * 128
    assert done.scores.miou > 0.9
    assert all(0.8 < image.score.value <= 1 for image in done.images)


def test_threads_change_nothing(tmp_path, options):
    place = write_set(tmp_path / "set")
    one, two = (evaluate(TASK, options, place, "all", threads=threads).scores for threads in (1, 2))
    np.testing.assert_array_equal(one.confusion, two.confusion)


def test_bad_files_stop_it_or_are_left_out(tmp_path, options):
    place = write_set(tmp_path / "set")
    (place / "masks" / "1.png").write_bytes(encode_index_png(np.zeros((5, 5), np.uint8)))
    with pytest.raises(DataError, match=r"1 bad file\(s\).*\n.*the mask is 5x5, its image .* is 50x70"):
        evaluate(TASK, options, place, "all")
    said = []
    assert evaluate(TASK, options, place, "all", say=said.append).scores.images == 2
    assert len(said) == 1
    assert said[0].startswith(f"left out: {place / 'masks' / '1.png'}: ")


def test_an_image_that_does_not_decode(tmp_path, options):
    place = write_set(tmp_path / "set")
    path = place / "images" / "2.png"
    path.write_bytes(path.read_bytes()[:60])
    said = []
    assert evaluate(TASK, options, place, "all", say=said.append).scores.images == 2
    assert str(path) in said[0]
    with pytest.raises(DataError, match=r"2\.png"):
        evaluate(TASK, options, place, "all")


def test_the_worst_come_first(tmp_path, options):
    place = write_set(tmp_path / "set")
    dataset = read_dataset(MASKS, place, "all", LABELS)
    found = score_images(MASKS, lambda pixels: np.zeros(pixels.shape[:2], np.uint8), dataset)
    scores = found.scores
    assert scores.accuracy[0] == 1
    assert np.nansum(scores.accuracy[1:]) == 0
    assert len(found.images) == 3
    done = evaluate(TASK, options, place, "all")
    sheet = worst_sheet(done, 2)
    assert sheet.shape[1] > 3 * 128
    assert 2 * 128 < sheet.shape[0] < worst_sheet(done, 3).shape[0]


def test_progress(tmp_path, options):
    steps = []
    evaluate(
        TASK, options, write_set(tmp_path / "set"), "all", progress=lambda done, total: steps.append((done, total))
    )
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_the_confusion_matrix_is_an_image(tmp_path):
    data = draw_confusion(np.array([[5, 1], [0, 0]]), ("a", "b"), "title")
    (tmp_path / "c.png").write_bytes(data)
    with Image.open(tmp_path / "c.png") as image:
        assert min(image.size) > 300
        colors = image.convert("RGB").getcolors(1 << 20)
    assert len(colors) > 50
    assert len(draw_confusion(np.eye(60, dtype=int), [f"class {i}" for i in range(60)], "many")) > 10_000


def test_a_note_below_the_matrix_is_not_cut():
    data = draw_confusion(np.eye(3, dtype=int), ("a", "b", "c"), "title", note="what else is to be known of it " * 5)
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert (pixels[:, :3] == 255).all()
    assert (pixels[:, -3:] == 255).all()
    assert (pixels[-3:] == 255).all()


def test_without_matplotlib(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingError, match=r"--plots needs matplotlib.*install.*\[plot\]"):
        need_matplotlib("--plots")
