"""`kill -9` and --resume; `python -m tests.pipeline.kills 200` does it more often."""

from tests.pipeline.kills import run_kills


def test_what_is_killed_goes_on_and_ends_as_if_it_had_not_been(tmp_path):
    assert run_kills(12, tmp_path) >= 6
