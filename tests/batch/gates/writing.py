"""Random conditions and the text that means them, for tests."""

from hypothesis import strategies as st

from dlcli.batch.gates.expression import OPERATORS, And, Comparison, Not, Or, Term


def count_of(label, operator=">", number=0.0):
    return Comparison(Term("count", label), operator, number)


def comparisons(labels, quantities=("count", "score", "share")):
    """labels: a strategy; None among them is *."""
    terms = st.builds(Term, st.sampled_from(quantities), labels)
    return terms.flatmap(lambda term: st.builds(Comparison, st.just(term), st.sampled_from(list(OPERATORS)), of(term)))


def of(term):
    """Numbers that it may be compared with."""
    if term.quantity == "count":
        return st.integers(0, 4).map(float)
    return st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]) | st.integers(0, 10**4).map(lambda n: n / 10**4)


def conditions(labels, quantities=("count", "score", "share")):
    def grow(parts):
        several = st.lists(parts, min_size=2, max_size=3).map(tuple)
        return st.builds(Not, parts) | st.builds(And, several) | st.builds(Or, several)

    return st.recursive(comparisons(labels, quantities), grow, max_leaves=8)


def written(condition, quoted):
    """Text that Python reads with the same precedence. quoted: how a label is written, a function."""
    if isinstance(condition, Comparison):
        term, number = condition.term, condition.number
        label = "*" if term.label is None else quoted(term.label)
        return f"{term.quantity}({label}) {condition.operator} {number:.{0 if term.quantity == 'count' else 4}f}"
    if isinstance(condition, Not):
        return f"not {in_parentheses(condition.part, quoted, (And, Or))}"
    if isinstance(condition, And):
        return " and ".join(in_parentheses(part, quoted, (And, Or)) for part in condition.parts)
    return " or ".join(in_parentheses(part, quoted, (Or,)) for part in condition.parts)


def in_parentheses(condition, quoted, where):
    text = written(condition, quoted)
    return f"({text})" if isinstance(condition, where) else text
