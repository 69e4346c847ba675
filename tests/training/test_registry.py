"""The trainings that the command line offers."""

import pytest

from dlcli.errors import UsageError
from dlcli.training.options import TrainingOptions
from dlcli.training.registry import all_trainings, options_of


def test_detect_is_there_with_its_options():
    assert "detect" in all_trainings()
    assert issubclass(options_of("detect"), TrainingOptions)


def test_an_unknown_task_names_the_known_ones():
    with pytest.raises(UsageError, match=r"no training for paint; expected one of: .*detect"):
        options_of("paint")
