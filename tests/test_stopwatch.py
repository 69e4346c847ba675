"""What a watch counts, by clocks that the test moves."""

from threading import Thread

from dlcli.stopwatch import Stage, Stopwatch, running, stage


class Clocks:
    """Two clocks that stand still unless they are moved."""

    def __init__(self):
        self.wall = self.processor = 0.0

    def watch(self) -> Stopwatch:
        return Stopwatch(lambda: self.wall, lambda: self.processor)

    def go(self, wall: float, processor: float = 0.0) -> None:
        self.wall += wall
        self.processor += processor


def test_a_stage_within_another_is_not_counted_for_the_outer_one():
    clocks = Clocks()
    watch = clocks.watch()
    with watch.stage(Stage.READING):
        clocks.go(1, 0.5)
        with watch.stage(Stage.DECODING):
            clocks.go(4, 3)
        clocks.go(2)
    assert watch.seconds == {Stage.READING: 3, Stage.DECODING: 4}
    assert watch.busy == {Stage.READING: 0.5, Stage.DECODING: 3}


def test_a_stage_that_comes_again_adds_up_and_what_is_between_is_of_none():
    clocks = Clocks()
    watch = clocks.watch()
    for seconds in (1, 2):
        with watch.stage(Stage.NETWORK):
            clocks.go(seconds)
        clocks.go(100)
    assert watch.seconds == {Stage.NETWORK: 3}


def test_a_stage_that_raises_is_counted_up_to_there():
    clocks = Clocks()
    watch = clocks.watch()
    try:
        with watch.stage(Stage.WRITING):
            clocks.go(5)
            raise OSError
    except OSError:
        clocks.go(7)
    assert watch.seconds == {Stage.WRITING: 5}


def test_without_a_watch_nothing_is_measured():
    with stage(Stage.NETWORK) as nothing:
        assert nothing is None
    assert stage(Stage.NETWORK) is stage(Stage.READING)  # one context that does nothing, for all


def test_each_thread_has_its_own_watch_and_the_one_before_goes_on():
    clocks = Clocks()
    outer, inner = clocks.watch(), clocks.watch()

    def elsewhere() -> None:
        with stage(Stage.NETWORK):
            clocks.go(50)

    with running(outer):
        with running(inner), stage(Stage.READING):
            clocks.go(1)
        with stage(Stage.WRITING):
            other = Thread(target=elsewhere)
            clocks.go(2)
        other.start()
        other.join()
    assert (outer.seconds, inner.seconds) == ({Stage.WRITING: 2}, {Stage.READING: 1})
