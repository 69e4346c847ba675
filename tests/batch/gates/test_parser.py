"""The grammar of gates: what is understood, what is refused, and where the carets are."""

import subprocess
import sys
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dlcli.batch.gates.expression import And, Comparison, Not, Or, Term
from dlcli.batch.gates.lexer import quoted_if_needed
from dlcli.batch.gates.parser import DEEPEST, parse_gate
from dlcli.errors import UsageError
from tests.batch.gates.writing import conditions, count_of, written

DOG, CAT, NO_DOG = count_of("dog"), count_of("cat"), count_of("dog", "==", 0.0)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("count(dog) > 0", DOG),
        ("  COUNT ( dog )>0 ", DOG),
        ("no(dog)", NO_DOG),
        ("count(*) != 3", count_of(None, "!=", 3.0)),
        ("no(*)", count_of(None, "==", 0.0)),
        ("score(cat) >= 0.6", Comparison(Term("score", "cat"), ">=", 0.6)),
        ("score(cat) >= 60%", Comparison(Term("score", "cat"), ">=", 0.6)),
        ("share(person) < .2", Comparison(Term("share", "person"), "<", 0.2)),
        ("share(person) == 12.3 %", Comparison(Term("share", "person"), "==", 0.123)),
        ("share(person) <= 7%", Comparison(Term("share", "person"), "<=", 0.07)),
        ("count(tiger   cat) > 0", count_of("tiger cat")),
        ("count('tiger  cat') > 0", count_of("tiger  cat")),
        ('count("crane (bird)") > 0', count_of("crane (bird)")),
        ('count("a, b") > 0', count_of("a, b")),
        ('count("jack-o\'-lantern") > 0', count_of("jack-o'-lantern")),
        ("count('jack-o''-lantern') > 0", count_of("jack-o'-lantern")),
        ('count("""") > 0', count_of('"')),
        ("count('*') > 0", count_of("*")),
        ("count(black and tan) > 0", count_of("black and tan")),  # no keyword within parentheses of a label
        ("count(no) > 0", count_of("no")),
        ("count(16-bit) > 0", count_of("16-bit")),
        ("count(St._x.2) > 0", count_of("St._x.2")),
        ("count(犬) > 0", count_of("犬")),
        ("count(cafe\u0301) > 0", count_of("cafe\u0301")),  # a letter and its mark
        ("not no(dog)", Not(NO_DOG)),
        ("not(no(dog))", Not(NO_DOG)),
        ("not NOT no(dog)", Not(Not(NO_DOG))),
        ("count(dog)>0 and count(cat)>0", And((DOG, CAT))),
        ("no(dog) or count(dog)>0 AND count(cat)>0", Or((NO_DOG, And((DOG, CAT))))),
        ("(no(dog) or count(dog)>0) and count(cat)>0", And((Or((NO_DOG, DOG)), CAT))),
        ("not no(dog) and count(cat)>0", And((Not(NO_DOG), CAT))),
        ("no(dog) and (count(dog)>0 and count(cat)>0)", And((NO_DOG, And((DOG, CAT))))),
        ("(" * DEEPEST + "no(dog)" + ")" * DEEPEST, NO_DOG),
    ],
)
def test_understood(text, condition):
    assert parse_gate("--fail-if", text).condition == condition


@pytest.mark.parametrize(
    ("option", "text", "scope"),
    [
        ("--fail-if", "no(dog)", "any"),
        ("--require", "no(dog)", "all"),
        ("--fail-if", "all: no(dog)", "all"),
        ("--require", "any:no(dog)", "any"),
        ("--require", " Total : no(dog)", "total"),
    ],
)
def test_scopes(option, text, scope):
    gate = parse_gate(option, text)
    assert (gate.option, gate.text, gate.scope, gate.condition) == (option, text, scope, NO_DOG)


FORMS = "expected count(LABEL), score(LABEL), share(LABEL) or no(LABEL); "
REFUSED = [  # text, carets below it, what the message says
    ("", "^", FORMS + "write a condition such as count(dog) > 0"),
    ("   ", "^", FORMS),
    ("dog", "^^^", FORMS + "write a condition such as"),
    ("cuont(dog) > 0", "^^^^^", FORMS + "did you mean count?"),
    ("5 < count(dog)", "^", FORMS),
    ("!no(dog)", "^", FORMS + "write not"),
    ("not", "   ^", FORMS),
    ("no(dog) and", "           ^", FORMS),
    ("no(dog) and or no(cat)", "            ^^", FORMS),
    ("()", " ^", FORMS),
    ("any:", "    ^", FORMS),
    ("any: all: no(dog)", "     ^^^", FORMS),
    ("most: no(dog)", "^^^^", "expected any:, all: or total: before a condition; write one of these, or leave it out"),
    ("count dog > 0", "      ^^^", "expected a label in parentheses after count; write count(dog)"),
    ("no", "  ^", "expected a label in parentheses after no; write no(dog)"),
    ("count() > 0", "      ^", "expected a label; write count(dog), or count(*) for any"),
    ("score(' ') > 0", "      ^^^", "expected a label; write score(dog)"),
    ("count(", "      ^", "expected a label"),
    ("count(dog > 0", "          ^", "expected ) after the label; add it"),
    ("count(dog", "         ^", "expected ) after the label; add it"),
    ("count(dog, cat) > 0", "         ^", "expected ) after the label; quote a label with signs in it, and give each"),
    ("count(crane (bird)) > 0", "            ^", 'quote a label with signs in it, such as count("crane (bird)")'),
    ("count(* dog) > 0", "        ^^^", "expected ) after the label"),
    ("count(dog 'x') > 0", "          ^^^", "expected ) after the label"),
    ("count(\"dog) > 0", "      ^", "expected a second \" after the label; add it, or put a label that holds \""),
    ("count('dog) > 0", "      ^", "expected a second ' after the label"),
    ("score(jack-o'-lantern) > 0", "            ^", "expected ) after the label; quote a label with signs in it"),
    ("count(dog)", "          ^", "expected one of > >= < <= == != and a number; write count(dog) > 0"),
    ("count(dog) = 1", "           ^", "write =="),
    ("score(dog) => 1", "           ^^", "write >="),
    ("score(dog) ≥ 1", "           ^", "write >="),
    ("count(dog) 1", "           ^", "write count(dog) > 0"),
    ("count(dog) >", "            ^", "expected a number, such as 3; write count(dog) > 0"),
    ("share(dog) > big", "             ^^^", "expected a number, such as 0.6 or 60%; write share(dog) > 0.2"),
    ("count(dog) > -1", "             ^^", "expected a number"),
    ("count(dog) > 1e3", "             ^^^", "expected a number"),
    ("count(dog) > 1.", "             ^^", "expected a number"),
    ("count(dog) > ١", "             ^", "expected a number"),  # a digit to Python's float, not to us
    ("count(dog) > 0.5", "             ^^^", "expected a whole number to compare a count with; write count(dog) > 0"),
    ("count(dog) > 50%", "               ^", "expected a whole number"),
    ("count(dog) > 1234567890123456", "             ^^^^^^^^^^^^^^^^", "at most 15 characters; round it"),
    ("share(dog) > 20", "             ^^", "expected a number from 0 to 1, as a share is; write 20%"),
    ("score(dog) > 120%", "             ^^^", "expected a number from 0 to 1, as a score is; write score(dog) >= 0.6"),
    ("share(dog) > 200", "             ^^^", "write share(dog) > 0.2"),
    ("0 < count(dog) < 5", "^", FORMS),
    ("count(dog) > 0 > 1", "               ^", "expected and, or, or the end; join two comparisons by one of these"),
    ("count(dog) > 0 && no(cat)", "               ^^", "expected and, or, or the end; write and"),
    ("no(dog) | no(cat)", "        ^", "expected and, or, or the end, as no(...) is a condition of its own"),
    ("no(dog) no(cat)", "        ^^", "join two comparisons by one of these"),
    ("no(dog) > 0", "        ^", "a condition of its own; leave out what follows, or write count(dog) > 0"),
    ("no(dog))", "       ^", "expected and, or, or the end; leave out this ), which closes nothing"),
    ("no(a) and (no(b)", "                ^", "expected and, or, or the ) of the ( at character 11; add it"),
    ("(no(b) no(c))", "       ^^", "expected and, or, or the ) of the ( at character 1; join two"),
    ("count(日本 (x)) > 0", "           ^", "expected ) after the label"),  # two characters as wide as four
    ("count(e\u0301 x(y)) > 0", "         ^", "expected ) after the label"),  # a mark without a width
    ("no(dog)\tno(cat)", "        ^^", "join two"),
    ("“no”(dog)", "^", FORMS),
]  # fmt: skip


@pytest.mark.parametrize(("text", "carets", "words"), REFUSED, ids=[repr(row[0]) for row in REFUSED])
def test_refused_with_what_was_expected_and_a_caret(text, carets, words):
    reason, shown, below = refusal(text).split("\n")
    assert reason.startswith("--fail-if: ")
    assert words in reason
    assert shown == "  " + text.replace("\t", "?")
    assert below == "  " + carets


def refusal(text, option="--fail-if"):
    with pytest.raises(UsageError) as caught:
        parse_gate(option, text)
    return str(caught.value)


def test_a_message_names_the_option():
    assert refusal("dog", "--require").startswith("--require: ")


@pytest.mark.parametrize("opening", ["(", "not ", "not ("])
def test_deep_nesting_is_refused_with_a_sentence(opening):
    assert f"expected at most {DEEPEST} levels of ( and not; write it flatter" in refusal(opening * 30_000 + "no(dog)")


@pytest.mark.parametrize(
    "text",
    [
        "no(dog) and " * 20_000 + "no(dog)",
        "count(" + "dog " * 50_000 + ") > 0",
        "count(" + "x" * 200_000 + ") > 0",
        "x" * 200_000 + "(dog) > 0",
        "count(dog) > " + "1" * 200_000,
        '"' * 200_001,
        "count('" + "''" * 100_000 + "') > 0",
        "日" * 200_000,
        "<" * 200_000,
        " " * 200_000,
    ],
    ids=lambda text: text[:12],
)
def test_long_texts_take_no_time(text):
    began = time.process_time()
    message = understood(text)[1]
    assert time.process_time() - began < 3
    assert len(message) < 600


def understood(text):
    """(condition, "") or (None, message)."""
    try:
        return parse_gate("--require", text).condition, ""
    except UsageError as error:
        return None, str(error)


def test_what_cannot_be_shown_is_not():
    assert refusal('count("a\nb\x1b[31m") >') == (
        '--fail-if: expected a number, such as 3; write count("a?b?[31m") > 0\n  count("a?b?[31m") >\n' + " " * 21 + "^"
    )


labels = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.strip)


@given(conditions(labels), st.sampled_from(["any", "all", "total", ""]))
def test_what_is_written_is_read_as_itself(condition, scope):
    text = f"{scope}: {written(condition, quoted_if_needed)}" if scope else written(condition, quoted_if_needed)
    gate = parse_gate("--require", text)
    assert (gate.scope, gate.condition) == (scope or "all", condition)


@given(conditions(labels))
def test_places_of_labels_and_words(condition):
    text = written(condition, quoted_if_needed)
    for comparison in parse_gate("--require", text).condition.comparisons():
        term = comparison.term
        (word_at, word_length), (label_at, label_length) = term.word_at, term.label_at
        assert text[word_at : word_at + word_length] == term.quantity
        label = "*" if term.label is None else quoted_if_needed(term.label)
        assert text[label_at : label_at + label_length] == label


words = ["count", "score", "no", "dog", "and", "or", "not", "any"]
pieces = st.sampled_from([*words, *"()*>=%: ,", ">=", "0", "0.5", '"', "'"])


@given(st.text(max_size=60) | st.lists(pieces, max_size=20).map("".join) | st.lists(pieces, max_size=20).map(" ".join))
@example("\ud800")  # a byte of an argument that is not UTF-8
@example("count(\ud800) > 0")
def test_any_text_is_understood_or_refused_in_three_lines(text):
    condition, message = understood(text)
    if condition is not None:
        assert parse_gate("--require", written(condition, quoted_if_needed)).condition == condition
        return
    reason, shown, carets = message.split("\n")
    assert all(line.isprintable() for line in (reason, shown, carets))
    assert set(carets.strip()) == {"^"}
    assert ";" in reason  # what was expected; what to do


def test_reading_gates_loads_nothing_heavy():
    code = (
        "import sys; from dlcli.batch.gates.gates import Gates\n"
        "Gates.parse(['count(dog) > 0'], None).check('detect', ('dog',))\n"
        "print(*{'numpy', 'cv2', 'onnxruntime', 'torch', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
