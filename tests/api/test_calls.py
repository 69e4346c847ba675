"""What calls from Python take and refuse, what is kept between them, and that `import dlcli` loads nothing."""

import os
import shutil
import subprocess
import sys
from inspect import signature

import numpy as np
import pytest

import dlcli
from dlcli.api import functions
from dlcli.api.advice import in_python
from dlcli.api.options import arguments_of, function_name
from dlcli.models.store import find_model
from dlcli.tasks.registry import all_tasks
from tests.program import CAT, ROOT

SAMPLE = """
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import dlcli


def boxes(pixels: NDArray[np.uint8]) -> list[tuple[str, float]]:
    found: dlcli.DetectResult = dlcli.detect(pixels, model="coco", conf=0.4, classes=["cat"])
    return [(item.label, item.box[0]) for item in found]


def share(paths: list[Path]) -> float:
    results: list[dlcli.SegmentResult] = dlcli.segment(paths, device="cpu")
    mask: NDArray[np.bool_] = results[0].mask_of("cat")
    return float(mask.mean()) + results[0].classes[0].share


look: dlcli.Loaded[dlcli.ClassifyResult] = dlcli.load("classify", top=1)
best: list[str] = [result.classes[0].label for result in look.each(["a.jpg", "b.jpg"])]
pixels: NDArray[np.uint8] = dlcli.style_transfer("a.jpg", style="great-wave").pixels
dlcli.preprocess("a.jpg", clahe=2).save("b.png")
"""
WRONG = """
import dlcli

dlcli.detect("a.jpg", conf="high")
dlcli.detect("a.jpg").pixels
dlcli.load("classify").each(["a.jpg"])[0]
"""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"conf": 1.5}, "conf=1.5: expected a number from 0 to 1"),
        ({"conf": "high"}, "conf='high': expected a number from 0 to 1"),
        ({"conf": float("nan")}, "conf=nan: expected a number from 0 to 1"),
        ({"conf": True}, "conf=True: expected a number from 0 to 1"),
        ({"max_det": 2.5}, "max_det=2.5: expected a whole number of at least 1"),
        ({"tile": 1}, "tile=1: expected True or False"),
        ({"model": 3}, "model=3: expected a text"),
        (
            {"device": "cuad"},
            "device='cuad': expected one of auto, cpu, cuda, tensorrt, coreml, directml, openvino, xnnpack; "
            "did you mean cuda?",
        ),
        ({"cnof": 1}, "cnof: dlcli.detect has no such argument; did you mean conf?"),
        ({"fail_if": "x"}, "fail_if: dlcli.detect has no such argument; expected one of model, "),
        ({"classes": "dgo"}, "classes: no class dgo; did you mean dog?"),
        ({"tile_size": 320}, "tile_size and tile_overlap: say how tile works; add tile"),
    ],
)
def test_wrong_arguments_are_refused_by_name(options, said):
    with pytest.raises(dlcli.UsageError) as raised:
        dlcli.detect(CAT, **options)
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (np.zeros((4, 4), np.uint8), "got uint8 [4, 4]; repeat a gray image"),
        (np.zeros((2, 4, 4, 3), np.uint8), "got uint8 [2, 4, 4, 3]; give several images as a list"),
        (np.zeros((3, 9, 9), np.uint8), "got uint8 [3, 9, 9]; move the channels to the end"),
        (np.zeros((9, 9, 4), np.uint8), "got uint8 [9, 9, 4]; leave the fourth channel out"),
        (np.zeros((9, 9, 3), np.float32), "got float32 [9, 9, 3]; from 0 to 1"),
        (np.zeros((0, 9, 3), np.uint8), "got uint8 [0, 9, 3]; convert it first"),
        (7, "expected a path, bytes or an array uint8 [H, W, 3], got int"),
    ],
)
def test_what_is_no_image_is_refused_with_what_to_do(image, said):
    with pytest.raises(dlcli.UsageError) as raised:
        dlcli.detect(image)
    assert said in str(raised.value)


def test_limits_hold_for_arrays_too():
    with pytest.raises(dlcli.ImageError, match="over the limit of 10") as raised:
        dlcli.detect(np.zeros((4, 4, 3), np.uint8), max_pixels=10)
    assert raised.value.kind == "too-large"
    with pytest.raises(dlcli.ImageError, match="took longer"):
        dlcli.detect(CAT, timeout_per_image=1e-9)


def test_advice_is_for_python(tmp_path):
    """No option that has a name here, no shell, and none of the batch that a single call does not have."""
    (tmp_path / "empty.jpg").write_bytes(CAT.read_bytes()[:3000])
    with pytest.raises(dlcli.ImageError) as raised:
        dlcli.detect(tmp_path / "empty.jpg")
    assert str(raised.value).endswith("re-export the file or catch dlcli.ImageError to go on without it")
    with pytest.raises(dlcli.ImageError, match=r"; shrink the image or raise max_pixels$"):
        next(dlcli.load("detect", max_pixels=9).each([CAT]))
    with pytest.raises(dlcli.ImageError, match=r"; dlcli downloads nothing; give its bytes$"):
        dlcli.detect("https://example.org/a.jpg")
    with pytest.raises(
        dlcli.UsageError, match=r"^blend=1,2: expected one number, since style is given once; repeat style"
    ):
        dlcli.style_transfer(CAT, style="great-wave", blend="1,2")
    assert in_python("--for x: no such model; see --plan", ["for_"]) == "for_=x: no such model; see --plan"


def test_a_missing_model_is_a_missing_error():
    with pytest.raises(dlcli.MissingError, match="expected a bundled name"):
        dlcli.detect(CAT, model="nope")


@pytest.mark.parametrize("task", all_tasks().values(), ids=lambda task: task.name)
def test_functions_say_their_arguments(task):
    function = getattr(dlcli, function_name(task))
    assert list(signature(function).parameters) == ["image", *arguments_of(task)]
    assert all(f"{name}: " in function.__doc__ for name in arguments_of(task))
    assert function.__name__ in dir(dlcli)


def test_a_model_stays_open_until_its_file_changes(tmp_path):
    detect, path = all_tasks()["detect"], tmp_path / "mine.onnx"
    shutil.copy(find_model("coco", "detect").path, path)
    first = functions.kept(detect, {"model": path}, several=False)
    assert functions.kept(detect, {"model": str(path)}, several=False) is first
    assert functions.kept(detect, {"model": path, "conf": 0.5}, several=False) is not first
    os.utime(path, ns=(1, 1))
    assert functions.kept(detect, {"model": path}, several=False) is not first


def test_only_so_many_models_stay_open(monkeypatch):
    monkeypatch.setattr(functions, "_kept", type(functions._kept)())
    preprocess = all_tasks()["preprocess"]
    for number in range(functions.KEPT + 3):
        functions.kept(preprocess, {"gamma": 1 + number / 10}, several=False)
    assert len(functions._kept) == functions.KEPT


def test_import_loads_nothing_and_a_call_no_torch():
    code = (
        "import sys; before = set(sys.modules); import dlcli; light = set(sys.modules) - before\n"
        f"dlcli.detect({str(CAT)!r}); print(*sorted(light)); print({{'torch', 'matplotlib'}} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    light, heavy = done.stdout.splitlines()
    assert (light, heavy) == ("dlcli", "set()")


def test_names_that_are_not_there():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        dlcli.nothing  # noqa: B018
    with pytest.raises(dlcli.UsageError, match="no task nothing; expected one of"):
        dlcli.load("nothing")


def test_strict_types(tmp_path):
    """The types that the package ships are those that programs of others are held to."""
    (tmp_path / "sample.py").write_text(SAMPLE)
    (tmp_path / "wrong.py").write_text(WRONG)
    cache = tmp_path / "cache"
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--cache-dir", cache]
    environment = os.environ | {"MYPYPATH": str(ROOT)}
    done = subprocess.run(
        [*map(str, command), "sample.py", "wrong.py"], cwd=tmp_path, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if "error:" in line]
    assert [line.split(":")[0] + line.rpartition("[")[2] for line in lines] == [
        "wrong.pycall-overload]",
        "wrong.pyattr-defined]",
        "wrong.pyindex]",
    ], done.stdout
