"""--profile: the times of a run on standard error, and the same records."""

import re
import shutil
import time

import pytest

from dlcli.batch.profile import Profile, Totals
from dlcli.stopwatch import Stage, Stopwatch
from tests.program import CAT, SAMPLES, dlcli

ROW = re.compile(r"  (?P<stage>[a-z -]+?)  +(?P<ms>[0-9,]+) +(?P<each>[0-9.]+)(?: +(?P<longest>[0-9.]+) .*)?")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("few")
    for number, name in enumerate(("cat.jpg", "astronaut.jpg", "cat.jpg", "cat.jpg")):
        shutil.copy(SAMPLES / name, place / f"{number}.jpg")
    (place / "4.jpg").write_bytes(b"no image")
    return place


def rows(err: str) -> dict[str, float]:
    """Milliseconds of all images by stage."""
    found = (ROW.match(line) for line in err.splitlines())
    return {row["stage"]: float(row["ms"].replace(",", "")) for row in found if row}


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_stages_of_all_workers_are_the_time_that_they_had(folder, threads):
    ran = dlcli("detect", folder, "--json", "--profile", "--threads", threads, "--skip-bad")
    (head,) = re.findall(r"^profile: 5 images by (\d) workers?, in ([0-9,]+) ms$", ran.err, re.MULTILINE)
    found = rows(ran.err)
    assert int(head[0]) == threads
    assert {"reading", "decoding", "preparing", "network", "results", "records", "waiting for work"} <= set(found)
    together = sum(found.values()) - (found["records"] if threads > 1 else 0)
    assert abs(together - float(head[1].replace(",", ""))) <= len(found)  # each is rounded


def test_records_are_the_same_and_nothing_is_said_without_it(folder):
    usual, profiled = (dlcli("detect", folder, "--json", *more) for more in ((), ("--profile",)))
    assert profiled.out == usual.out
    assert profiled.code == usual.code
    assert "profile" not in usual.err


def test_it_is_said_with_quiet_too_and_files_are_part_of_it(tmp_path):
    ran = dlcli("detect", CAT, "--quiet", "--profile", "--out", tmp_path / "found", "--save", "annotated")
    assert ran.out == ""
    assert rows(ran.err)["writing"] >= 0
    assert re.search(r"^profile: [0-9,]+ ms: start-up [0-9,]+, opening the model [0-9,]+, images", ran.err)
    assert f"profile: {CAT}: " in ran.err


def test_the_slowest_images_are_named_slowest_first():
    totals = Totals()
    for name, seconds in (("b", 2.0), ("d", 9.0), ("a", 1.0), ("c", 3.0)):
        watch = Stopwatch()
        watch.seconds[Stage.NETWORK] = seconds
        totals.add(name, watch)
    assert sorted(name for _, _, name, _ in totals.slowest) == ["b", "c", "d"]
    assert totals.longest[Stage.NETWORK] == 9.0
    assert totals.seconds[Stage.NETWORK] == 15.0
    assert totals.images == 4
    profile = Profile()
    profile.totals = totals
    named = [line for line in profile.lines() if line.startswith("profile: ") and "network" in line]
    assert [line[9] for line in named] == ["d", "c", "b"]


def test_start_up_began_before_now():
    from dlcli.batch.profile import seconds_so_far

    first = seconds_so_far()
    assert 0 < first <= seconds_so_far() < time.monotonic() + first


def test_a_cluster_is_not_measured(tmp_path):
    ran = dlcli("detect", CAT, "--profile", "--on", "ray")
    assert ran.code == 2
    assert "--on and --profile do not go together" in ran.err
