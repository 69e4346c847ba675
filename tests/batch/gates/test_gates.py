"""Gates over records: what breaks, who is named, why; against a slow oracle and on records of the real program."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli.batch.gates.gates import Gates
from dlcli.batch.gates.outcome import GateOutcome
from dlcli.errors import DataError, UsageError
from dlcli.records import shown_name
from tests.batch.gates.oracle import detection, judged, record_of
from tests.batch.gates.writing import conditions, written
from tests.program import CAT, SAMPLES, dlcli

FAILURE = {"schema": "dlcli.detect/1", "source": "bad.jpg", "ok": False, "error": {"kind": "empty", "message": "no"}}


def images(*counts):
    """Records 0.jpg, 1.jpg ... with so many dogs each."""
    boxes = [
        detection("dog", 0.8, [0, 0, 3, 3]),
        detection("dog", 0.5, [3, 3, 6, 6]),
        detection("dog", 0.4, [6, 6, 9, 9]),
    ]
    return [record_of(*boxes[:n], source=f"{i}.jpg") for i, n in enumerate(counts)]  # fmt: skip


def outcome_of(option, text, records):
    gates = Gates.parse([text] if option == "--fail-if" else None, [text] if option == "--require" else None)
    gates.check("detect", ("dog", "cat"))
    for record in records:
        gates.add(record)
    return gates.outcomes()[0]


@pytest.mark.parametrize(
    ("option", "text", "counts", "broken", "names", "reason"),
    [
        ("--fail-if", "count(dog) > 0", [0, 2, 1], True, ["1.jpg", "2.jpg"], "2 of 3 images match"),
        ("--fail-if", "count(dog) > 1", [0, 2, 1], True, ["1.jpg"], "1 of 3 images matches"),
        ("--fail-if", "count(dog) > 0", [0, 0], False, [], "0 of 2 images match"),
        ("--fail-if", "count(dog) > 0", [1], True, ["0.jpg"], "the image matches"),
        ("--fail-if", "count(dog) > 0", [], False, [], "no image to judge"),
        ("--fail-if", "all: count(dog) > 0", [1, 2], True, [], "2 of 2 images match"),
        ("--fail-if", "all: count(dog) > 0", [1, 0], False, [], "1 of 2 images matches"),
        ("--fail-if", "all: no(dog)", [], False, [], "no image to judge"),
        ("--fail-if", "total: count(dog) > 2", [1, 2], True, [], "the total of count(dog) is 3"),
        ("--fail-if", "total: count(dog) > 3", [1, 2], False, [], "the total of count(dog) is 3"),
        ("--fail-if", "total: no(dog)", [], False, [], "no image to judge"),
        ("--require", "count(dog) > 0", [1, 0, 0], True, ["1.jpg", "2.jpg"], "2 of 3 images do not match"),
        ("--require", "count(dog) > 0", [1, 0], True, ["1.jpg"], "1 of 2 images does not match"),
        ("--require", "count(dog) > 0", [0, 0], True, ["0.jpg", "1.jpg"], "2 of 2 images do not match"),
        ("--require", "count(dog) > 0", [0], True, ["0.jpg"], "the image does not match"),
        ("--require", "count(dog) > 0", [1, 3], False, [], "2 of 2 images match"),
        ("--require", "count(dog) > 0", [], False, [], "no image to judge"),
        ("--require", "any: count(dog) > 0", [0, 2, 1], False, [], "2 of 3 images match"),
        ("--require", "any: count(dog) > 0", [0, 0], True, [], "0 of 2 images match"),
        ("--require", "any: count(dog) > 0", [], True, [], "no image matches"),
        ("--require", "any: no(dog)", [], False, [], "no image to judge"),
        ("--require", "total: count(dog) >= 4", [1, 2], True, [], "the total of count(dog) is 3"),
        ("--require", "total: count(dog) >= 4", [], True, [], "the total of count(dog) is 0"),
        ("--require", "total: no(dog)", [], False, [], "the total of count(dog) is 0"),
        ("--require", "total: score(dog) > 0.7 and share(dog) < 20% and no(cat)", [1, 0], False, [],
         "the best score(dog) is 0.8, the mean share(dog) is 0.05555555556, the total of count(cat) is 0"),
        ("--require", "total: no('tiger cat') or no(*)", [], False, [],
         "the total of count(tiger cat) is 0, the total of count(*) is 0"),
    ],
)  # fmt: skip
def test_what_a_gate_says(option, text, counts, broken, names, reason):
    if "tiger" in text:
        gates = Gates.parse(None, [text])
        assert gates.outcomes() == (GateOutcome(option, text, broken, tuple(names), reason),)
        return
    said = outcome_of(option, text, images(*counts))
    assert (said.option, said.text, said.broken, said.images, said.reason) == (
        option,
        text,
        broken,
        tuple(names),
        reason,
    )
    assert said.sentence() == f"{'FAIL' if broken else 'pass'}  {option} '{text}': {reason}"
    assert len(said.evidence) == len(names)


@pytest.mark.parametrize(
    ("option", "text", "counts", "evidence"),
    [
        ("--fail-if", "count(dog) > 0", [0, 2, 1], ("2 dog (0.80, 0.50)", "dog 0.80")),
        ("--require", "no(*)", [3], ("3 dog (0.80, 0.50, 0.40)",)),
        ("--fail-if", "share(dog) > 10%", [1], ("dog 0.80, share(dog) 11%",)),
        ("--require", "score(cat) >= 0.6 or count(dog) > 1", [1], ("no cat, dog 0.80",)),
    ],
)
def test_what_in_an_image_fails_a_gate(option, text, counts, evidence):
    assert outcome_of(option, text, images(*counts)).evidence == evidence


@pytest.mark.parametrize(
    ("option", "text", "records", "broken", "reason"),
    [
        ("--fail-if", "no(dog)", [FAILURE], False, "no image to judge"),
        ("--require", "count(dog) > 0", [FAILURE, *images(1), FAILURE], False, "the image matches"),
        ("--require", "any: count(dog) > 0", [FAILURE], True, "no image matches"),
        ("--require", "total: share(dog) > 0.1", [FAILURE, *images(1)], False, "the mean share(dog) is 0.1111111111"),
    ],
)
def test_failures_are_in_no_gate(option, text, records, broken, reason):
    found = outcome_of(option, text, records)
    assert (found.broken, found.reason) == (broken, reason)


def test_the_mean_of_a_tenth_and_two_tenths_is_fifteen_hundredths():
    records = [{"ok": True, "source": "a", "classes": [{"label": "sky", "share": share}]} for share in (0.1, 0.2)]
    gates = Gates.parse(None, ["total: share(sky) == 15%"])
    for record in records:
        gates.add(record)
    assert not gates.outcomes()[0].broken


def test_gates_keep_their_order_and_know_whether_there_are_any():
    gates = Gates.parse(["no(a)", "no(b)"], ["no(c)"])
    assert [outcome.text for outcome in gates.outcomes()] == ["no(a)", "no(b)", "no(c)"]
    assert gates
    assert not Gates.parse(None, None)
    assert not Gates.parse([], [])
    Gates.parse(None, None).add({"ok": True, "source": "a.jpg"})  # asks for nothing


def test_the_first_bad_gate_is_refused():
    with pytest.raises(UsageError, match=r"^--require: expected a whole number"):
        Gates.parse(["no(dog)"], ["count(dog) > 0.5", "dog"])


def test_crops_are_named_by_their_number():
    box = {"index": 3, "label": "dog", "box": [0, 0, 1, 1]}
    assert shown_name({"source": "a.jpg", "crop": box}) == "a.jpg#3"
    assert shown_name({"source": "a.mp4", "frame": 25}) == "a.mp4 frame 25"
    records = [record | {"crop": box | {"index": 0}} for record in images(1)]
    assert outcome_of("--fail-if", "count(dog) > 0", records).images == ("0.jpg#0",)


KNOWN = ("cat", "dog", "tiger cat", "background")


@pytest.mark.parametrize(
    ("task", "text", "carets", "words"),
    [
        ("detect", "no(dgo) or no(cat)", "   ^^^", "no label dgo; did you mean dog?"),
        ("detect", 'count("tiger  cat") > 0', "      ^^^^^^^^^^^^", "did you mean tiger cat?"),
        ("detect", "no(cat) and no(zebra)", "               ^^^^^", "no label zebra; the model knows: cat, dog, tiger"),
        ("detect", "no('*')", "   ^^^", "no label *; the model knows"),
        ("classify", "no(dog)", "^^", "classify has no no(...); expected score(LABEL); write not score(dog) >= 0.6"),
        ("classify", "score(cat) > 0 or share(cat) > 0", "                  ^^^^^", "has no share(...)"),
        ("segment", "score(cat) > 0", "^^^^^", "count(LABEL) or share(LABEL) or no(LABEL); write share(cat) > 0.2"),
        ("segment", "share(Background) < 1", "      ^^^^^^^^^^", "background is in no record of dlcli segment; write"),
        ("segment", "count(cat) > 1", "^^^^^", "in dlcli segment count(cat) is 0 or 1 in an image"),
        ("segment", "count(cat) == 2", "^^^^^", "is 0 or 1 in an image"),
        ("preprocess", "no(cmk)", "   ^^^", "no label cmk; did you mean cmyk?"),
        ("preprocess", "no(xyzzy)", "   ^^^^^", "no label xyzzy; dlcli preprocess finds: wrong-extension, "),
        ("preprocess", "score(cmyk) > 0", "^^^^^", "dlcli preprocess has no score(...); expected count(LABEL) or no"),
        ("style-transfer", "count(*) > 0", "^^^^^^^^^^^^", "style-transfer finds nothing that a gate could ask for"),
    ],
)  # fmt: skip
def test_what_a_task_cannot_answer_is_refused(task, text, carets, words):
    with pytest.raises(UsageError) as caught:
        Gates.parse([text], None).check(task, KNOWN)
    reason, shown, below = str(caught.value).split("\n")
    assert words in reason
    assert (shown, below) == (f"  {text}", f"  {carets}")


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("detect", "count(DOG) > 3 and no('Tiger Cat') or share(*) > 0.5"),
        ("classify", "score(dog) > 0.5"),
        ("segment", "count(cat) > 0 and count(dog) == 1 and count(*) > 2 and share(*) < 0.9"),
        ("segment", "total: count(cat) > 1"),
        ("preprocess", "count(CMYK) > 0 or no(near-duplicate)"),
    ],
)
def test_what_a_task_can_answer_is_not(task, text):
    Gates.parse([text], [text]).check(task, KNOWN)


def test_labels_that_are_not_known_are_not_checked():
    Gates.parse(["no(unicorn)"], None).check("detect", ())
    with pytest.raises(UsageError, match="has no no"):
        Gates.parse(["no(unicorn)"], None).check("classify", ())


def test_preprocess_finds_something_only_with_check():
    gates = Gates.parse(["count(cmyk) > 0"], None)
    gates.check("preprocess", ())
    with pytest.raises(UsageError, match=r"only with --check, such as count\(wrong-extension\)"):
        gates.check("preprocess", (), makes_images=True)
    with pytest.raises(DataError, match="of preprocess only --check finds something"):
        gates.add({"schema": "dlcli.preprocess/1", "source": "a.png", "ok": True, "bits": 8, "outputs": ["a.png"]})


sides = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(sorted)
boxes = st.tuples(sides, sides).map(lambda s: [s[0][0] / 4, s[1][0] / 4, s[0][1] / 4, s[1][1] / 4])
scores = st.integers(0, 20).map(lambda n: n / 20)
detections = st.lists(st.builds(detection, st.sampled_from(["dog", "Cat", "tiger cat"]), scores, boxes), max_size=4)
records = st.builds(lambda found: record_of(*found, size=(5, 5)), detections) | st.just(FAILURE)
asked = st.sampled_from([None, "DOG", "cat", "tiger cat"])


@given(
    st.sampled_from(["--fail-if", "--require"]),
    st.sampled_from(["any", "all", "total"]),
    conditions(asked),
    st.lists(records, max_size=4),
)
@settings(max_examples=150)
def test_random_gates_say_what_the_slow_oracle_says(option, scope, condition, found):
    found = [record | {"source": f"{i}.jpg"} for i, record in enumerate(found)]
    ours = outcome_of_any(option, f"{scope}: {written(condition, repr)}", found)
    text = written(condition, repr).replace("(*)", "('*')")
    assert (ours.broken, list(ours.images)) == judged(option, scope, text, found)


def outcome_of_any(option, text, found):
    gates = Gates.parse([text] if option == "--fail-if" else [], [text] if option == "--require" else [])
    for record in found:
        gates.add(record)
    return gates.outcomes()[0]


CATS = ["cat.jpg", "cmyk.jpg", "exif-turned.jpg", "grey-alpha.png", "palette.gif", "sixteen-bit.png"]


@pytest.fixture(scope="module")
def seen():
    """Records of the real program, by task."""
    inputs = {
        "detect": (CAT, SAMPLES / "astronaut.jpg", SAMPLES / "broken", "--conf", "0.5", "--json"),
        "classify": (CAT, SAMPLES / "coffee.jpg", "--json"),
        "segment": (CAT, SAMPLES / "astronaut.jpg", "--json"),
        "preprocess": (SAMPLES / "broken", "--check", "--json"),
    }
    return {task: [json.loads(line) for line in dlcli(task, *words).lines] for task, words in inputs.items()}


@pytest.mark.parametrize(
    ("task", "option", "text", "broken", "names"),
    [
        ("detect", "--fail-if", "score(cat) >= 50% and count(*) == 1", True, CATS),
        ("detect", "--fail-if", "count(dog) > 0", False, []),
        ("detect", "--require", "no(cat) or share(cat) > 80%", False, []),
        ("detect", "--require", "count(person) == 1", True, CATS),
        ("detect", "--require", "total: count(cat) == 6 and count(person) == 1", False, []),
        ("classify", "--require", "score(espresso) > 0.9 or score('egyptian CAT') > 20%", False, []),
        ("classify", "--fail-if", "score(espresso) > 0.9", True, ["coffee.jpg"]),
        ("segment", "--require", "share(*) > 0.2", False, []),
        ("segment", "--fail-if", "share(person) > 30%", True, ["astronaut.jpg"]),
        ("preprocess", "--fail-if", "count(cmyk) > 0 or count(alpha) > 0", True, ["cmyk.jpg", "grey-alpha.png"]),
        ("preprocess", "--require", "no(exif-turned)", True, ["exif-turned.jpg"]),
        ("preprocess", "--require", "total: count(exif-turned) == 1", False, []),
    ],
)
def test_records_of_the_program(seen, task, option, text, broken, names):
    found = outcome_of_any(option, text, seen[task])
    assert found.broken == broken, found
    assert [name.rpartition("/")[2] for name in found.images] == names


def test_a_share_of_real_boxes_is_that_of_their_pixels(seen):
    cat = seen["detect"][0]
    (box,) = [d["box"] for d in cat["detections"]]
    share = (box[2] - box[0]) * (box[3] - box[1]) / (cat["width"] * cat["height"])
    for shift, broken in ((-1e-6, True), (1e-6, False)):
        text = f"share(cat) > {share + shift:.9f}"
        assert outcome_of_any("--fail-if", text, [cat]).broken == broken


def test_a_label_that_is_not_looked_for_is_refused():
    ran = dlcli("detect", CAT, "--classes", "cat", "--fail-if", "count(Dog) > 0")
    assert (ran.code, ran.out) == (2, "")
    assert "Dog is not looked for: --classes or --exclude-classes leaves it out" in ran.err
    assert dlcli("detect", CAT, "--classes", "cat", "--fail-if", "count(cat) > 5").code == 0
