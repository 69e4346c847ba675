"""Decoded pixels stay below the limit, and an image above it goes alone."""

import random
import threading
import time

from dlcli.batch.memory.budget import PixelBudget


def test_the_sum_stays_below_the_limit_and_everyone_gets_through():
    budget, lock = PixelBudget(100), threading.Lock()
    alive, worst, alone_with = 0, 0, []

    def work(pixels):
        nonlocal alive, worst
        with budget.share() as admit:
            admit(pixels)
            admit(pixels)  # a second call of the same image takes nothing
            with lock:
                alive += pixels
                worst = max(worst, alive if pixels <= 100 else 0)
                if pixels > 100:
                    alone_with.append(alive - pixels)
            time.sleep(0.002)
            with lock:
                alive -= pixels

    sizes = random.Random(0).choices([10, 40, 60, 100, 250], k=60)
    threads = [threading.Thread(target=work, args=(size,)) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert alive == 0
    assert worst <= 100
    assert set(alone_with) == {0}


def test_a_failure_gives_its_pixels_back():
    budget = PixelBudget(100)
    try:
        with budget.share() as admit:
            admit(100)
            raise OSError("damaged")
    except OSError:
        pass
    with budget.share() as admit:
        admit(100)
    assert budget._used == 0
