"""Names of earlier versions, in the spelling of today."""

import pytest

from dlcli.spelling import keys_of_today, known, today


@pytest.mark.parametrize(
    ("earlier", "now"),
    [
        ("timeout_per_picture", "timeout_per_image"),
        ("--no-colour", "--no-color"),
        ("DLCLI_TIMEOUT_PER_PICTURE", "DLCLI_TIMEOUT_PER_IMAGE"),
        ("licence", "license"),
        ("optimise", "optimize"),
        ("equalise", "equalize"),
        ("grey", "gray"),
        ("conf", "conf"),
    ],
)
def test_today(earlier, now):
    assert today(earlier) == now == today(now)


def test_only_what_is_known_today_is_taken_for_it():
    assert known("picture", ("image", "none")) == "image"
    assert known("picture", ("picture", "image")) == "picture"
    assert known("picture", ("index",)) == "picture"


def test_keys_of_an_object():
    assert keys_of_today({"licence": "MIT", "name": "x"}) == {"license": "MIT", "name": "x"}
    assert keys_of_today({"licence": "MIT", "license": "BSD"}) == {"license": "BSD"}
    assert keys_of_today({"license": "BSD", "licence": "MIT"}) == {"license": "BSD"}
