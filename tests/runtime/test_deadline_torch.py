"""torch on the clock: a painting ends between its steps, a forward pass is waited out."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from dlcli.errors import ImageError
from dlcli.imaging.reader import read_image
from dlcli.records import Source
from dlcli.runtime.deadline import TIMEOUT, time_limit
from dlcli.tasks.style_transfer.optimize import load_optimizer
from dlcli.tasks.style_transfer.options import Method, StyleOptions
from dlcli.tasks.torch_predict import load_torch_forward, on_the_clock
from tests.export.runs import SIDE, random_detector, shapes_card, write_run
from tests.program import CAT

OPTIONS = StyleOptions(style=["starry-night"], method=Method.OPTIMIZE, size=64, steps=100_000)
CONTENT = read_image(Source.of_file(CAT)).pixels


def test_a_painting_ends_between_its_steps_and_the_next_begins():
    optimizer = load_optimizer(OPTIONS, 1)
    for _ in range(2):
        with time_limit(0.5, "cat.jpg"), pytest.raises(ImageError, match=r"after \d+ steps; stopped after") as caught:
            optimizer.predict(CONTENT, None)
        assert caught.value.kind == TIMEOUT
    optimizer.recipe = optimizer.stylist.recipe = replace(optimizer.recipe, steps=2)
    assert optimizer.predict(CONTENT, None).pixels.shape[1] == 64


def test_a_painting_that_waits_for_another_loses_no_time():
    optimizer = load_optimizer(replace(OPTIONS, steps=2), 1)
    optimizer.predict(CONTENT, None)  # warm

    def wait() -> float:
        began = time.monotonic()
        with time_limit(2, "cat.jpg"):
            optimizer.predict(CONTENT, None)
        return time.monotonic() - began

    optimizer.lock.acquire()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        time.sleep(2.2)
        optimizer.lock.release()
        assert waiting.result() > 2.1


def test_a_forward_pass_is_waited_out(tmp_path):
    card = shapes_card()
    run = write_run(tmp_path / "run", card, random_detector(card))
    forward = load_torch_forward(run, "detect")[1]
    blank = np.zeros((1, 3, SIDE, SIDE), np.float32)
    with time_limit(60, "a.jpg"):
        assert len(forward(blank)) == 2
    with time_limit(0.02, "a.jpg"):
        with pytest.raises(ImageError, match="while the network ran, which had to be waited out"):
            on_the_clock(lambda tensor: time.sleep(0.05))(blank)
        with pytest.raises(ImageError, match="before the network ran; stopped after"):
            forward(blank)
