"""Many predictions in one line."""

from dlcli.tasks.answers import Prediction, spread, together


def test_few_are_told_one_by_one_and_many_by_their_ends():
    birds = [Prediction("bird", value=0.72 - i / 400) for i in range(173)]
    assert together(birds) == "173 bird (0.72 ... 0.29)"
    assert together([*birds[:2], Prediction("dog", value=0.5)]) == "2 bird (0.72, 0.72), dog 0.50"
    assert together([]) == ""
    assert spread(list("123456")) == "1, 2, 3, 4, 5, 6"
    assert spread(list("1234567")) == "1 ... 7"


def test_shares_and_what_has_no_value():
    assert together([Prediction("sky", value=0.313, is_share=True)]) == "sky 31%"
    assert together([Prediction("cmyk", note="x"), Prediction("cmyk", note="y")]) == "2 cmyk"
