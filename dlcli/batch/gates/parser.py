"""Text of a gate to its condition; every mistake is a UsageError with carets under it. Light, and never `eval`.

    gate       = [ scope ":" ] condition
    scope      = "any" | "all" | "total"
    condition  = conjunct { "or" conjunct }
    conjunct   = factor { "and" factor }
    factor     = "not" factor | "(" condition ")" | comparison
    comparison = quantity "(" label ")" operator number | "no" "(" label ")"
                 | "skipped" "(" [ label ] ")" operator number
    quantity   = "count" | "score" | "share"
    operator   = ">" | ">=" | "<" | "<=" | "==" | "!="
    label      = "*" | word { word } | quoted
    word       = one or more letters, digits, "-", "_", "."
    quoted     = '"' any characters, a '"' among them doubled '"', or the same with "'"
    number     = digits [ "." digits ] [ "%" ] | "." digits [ "%" ]

Blanks between these do not matter, nor does the case of words and labels. `not` binds before `and`, `and` before `or`.
`no(dog)` is `count(dog) == 0`, `*` is any label, `20%` is 0.2. A count is compared with a whole number, a score or a
share with one from 0 to 1. `skipped()` counts what the run did not look at, so it stands in a gate of its own or
in one with total:. Nesting ends at DEEPEST.
"""

import difflib
import re
from typing import NoReturn

from dlcli.batch.gates.expression import (
    ALL,
    ANY,
    COUNT,
    OPERATORS,
    QUANTITIES,
    REQUIRE,
    SCOPES,
    SKIPPED,
    TOTAL,
    And,
    Comparison,
    Condition,
    Gate,
    Not,
    Or,
    Place,
    Term,
    fault,
)
from dlcli.batch.gates.lexer import END, OPERATOR, QUOTED, UNCLOSED, WORD, Token, tokens_of

DEEPEST = 50  # levels of parentheses and `not`
NO = "no"
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_LONGEST_NUMBER = 15  # characters; a float holds as many digits
_WRITE = {
    "=": "==",
    "===": "==",
    "=>": ">=",
    "=<": "<=",
    "<>": "!=",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "!": "not",
}
_FORMS = "count(LABEL), score(LABEL), share(LABEL) or no(LABEL)"


def parse_gate(option: str, text: str) -> Gate:
    """The gate that `text` says. option: "--fail-if", which looks for any image, or "--require", for all.

    UsageError: it is no gate; the message says where, what was expected and what to write.
    """
    return _Parser(option, text).gate()


class _Parser:
    """One method for each rule of the grammar; `now` is the token to be read next."""

    def __init__(self, option: str, text: str):
        self.option, self.text = option, text
        self.tokens, self.at = tokens_of(text), 0

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def gate(self) -> Gate:
        scope = self.scope()
        condition = self.condition(0)
        if self.now.kind != END:
            self.refuse_join("the end")
        return Gate(self.option, self.text, self.scope_of(scope, condition), condition)

    def scope_of(self, scope: str, condition: Condition) -> str:
        """What is asked of the run as a whole has one scope."""
        terms = [comparison.term for comparison in condition.comparisons()]
        asked = next((term for term in terms if term.quantity == SKIPPED), None)
        if asked is None or scope == TOTAL:
            return scope
        if self.tokens[1].text == ":" or any(term.quantity != SKIPPED for term in terms):
            reason = (
                "is of the run and not of an image; give it a gate of its own, or write total: before the condition"
            )
            raise fault(self.option, self.text, asked.word_at, f"{asked} {reason}")
        return TOTAL

    def scope(self) -> str:
        if self.now.kind != WORD or self.tokens[self.at + 1].text != ":":
            return ALL if self.option == REQUIRE else ANY
        word = self.now
        if word.text.lower() not in SCOPES:
            self.refuse(word, "expected any:, all: or total: before a condition; write one of these, or leave it out")
        self.at += 2
        return word.text.lower()

    def condition(self, depth: int) -> Condition:
        parts = [self.conjunct(depth)]
        while self.take("or"):
            parts.append(self.conjunct(depth))
        return Or(tuple(parts)) if len(parts) > 1 else parts[0]

    def conjunct(self, depth: int) -> Condition:
        parts = [self.factor(depth)]
        while self.take("and"):
            parts.append(self.factor(depth))
        return And(tuple(parts)) if len(parts) > 1 else parts[0]

    def factor(self, depth: int) -> Condition:
        if depth > DEEPEST:
            self.refuse(self.now, f"expected at most {DEEPEST} levels of ( and not; write it flatter, or as two gates")
        if self.take("not"):
            return Not(self.factor(depth + 1))
        opening = self.now
        if not self.take("("):
            return self.comparison()
        inner = self.condition(depth + 1)
        if not self.take(")"):
            self.refuse_join(f"the ) of the ( at character {opening.start + 1}")
        return inner

    def comparison(self) -> Comparison:
        name = self.now
        word = name.text.lower()
        if name.kind != WORD or word not in (*QUANTITIES, NO, SKIPPED):
            self.refuse_name(name)
        self.at += 1
        if not self.take("("):
            self.refuse(self.now, f"expected a label in parentheses after {word}; write {word}(dog)")
        quantity = COUNT if word == NO else word
        if word == SKIPPED and self.take(")"):
            term = Term(SKIPPED, None, word, _place(name), _place(name))
            return Comparison(term, self.operator(term), self.number(term))
        label, place = self.label(word)
        term = Term(quantity, label, word, _place(name), place)
        return self.none_of(term) if word == NO else Comparison(term, self.operator(term), self.number(term))

    def none_of(self, term: Term) -> Comparison:
        if self.now.kind == OPERATOR:
            advice = f"leave out what follows, or write {term.example()}"
            self.refuse(self.now, f"expected and, or, or the end, as no(...) is a condition of its own; {advice}")
        return Comparison(term, "==", 0.0)

    def label(self, word: str) -> tuple[str | None, Place]:
        """The label, None for *, and its place, without what ends it."""
        first = self.now
        if first.kind == UNCLOSED:
            self.refuse_open_quote(first)
        if self.take("*"):
            label = None
        elif first.kind == QUOTED:
            self.at += 1
            label = first.label
        else:
            label = self.bare_label()
        if label is not None and not label.strip():
            self.refuse(first, f"expected a label; write {word}(dog), or {word}(*) for any")
        last = self.tokens[self.at - 1]
        if not self.take(")"):
            self.refuse_label_end(word)
        return label, (first.start, last.start + len(last.text) - first.start)

    def bare_label(self) -> str:
        first = self.at
        while self.now.kind == WORD:
            self.at += 1
        return " ".join(token.text for token in self.tokens[first : self.at])

    def operator(self, term: Term) -> str:
        token = self.now
        if token.text not in OPERATORS:
            meant = _WRITE.get(token.text, "")
            advice = meant if meant in OPERATORS else term.example()
            self.refuse(token, f"expected one of {' '.join(OPERATORS)} and a number; write {advice}")
        self.at += 1
        return token.text

    def number(self, term: Term) -> float:
        token = self.now
        if token.kind != WORD or not _NUMBER.fullmatch(token.text):
            self.refuse(token, f"expected a number, {_numbers(term)}; write {term.example()}")
        if len(token.text) > _LONGEST_NUMBER:
            self.refuse(token, f"expected a number of at most {_LONGEST_NUMBER} characters; round it")
        self.at += 1
        percent = self.now
        is_percent = self.take("%")
        if term.whole and (is_percent or "." in token.text):
            wrong = percent if is_percent else token
            self.refuse(wrong, f"expected a whole number to compare a count with; write {term.example()}")
        value = float(token.text + "e-2") if is_percent else float(token.text)
        if not term.whole and value > 1:
            advice = f"{token.text}%" if value <= 100 and not is_percent else term.example()
            self.refuse(token, f"expected a number from 0 to 1, as a {term.quantity} is; write {advice}")
        return value

    def take(self, text: str) -> bool:
        """Whether this sign or keyword comes next; if so, it is passed."""
        found = self.now.text.lower() == text
        self.at += found
        return found

    def refuse_join(self, ending: str) -> NoReturn:
        """After a condition comes neither and, or, nor its end."""
        token = self.now
        if token.text == ")":
            advice = "leave out this ), which closes nothing"
        elif token.kind == END:
            advice = "add it"
        else:
            advice = f"write {_WRITE[token.text]}" if token.text in _WRITE else "join two comparisons by one of these"
        self.refuse(token, f"expected and, or, or {ending}; {advice}")

    def refuse_name(self, token: Token) -> NoReturn:
        """A comparison was expected."""
        near = difflib.get_close_matches(token.text.lower(), (*QUANTITIES, NO, SKIPPED, "not"), n=1)
        advice = "write a condition such as count(dog) > 0"
        if _WRITE.get(token.text) == "not":
            advice = "write not"
        elif token.kind == WORD and self.tokens[self.at + 1].text == "(" and near:
            advice = f"did you mean {near[0]}?"
        self.refuse(token, f"expected {_FORMS}; {advice}")

    def refuse_open_quote(self, token: Token) -> NoReturn:
        other = "'" if token.text == '"' else '"'
        advice = f"add it, or put a label that holds {token.text} between {other} and {other}"
        self.refuse(token, f"expected a second {token.text} after the label; {advice}")

    def refuse_label_end(self, word: str) -> NoReturn:
        """After a label comes no )."""
        token = self.now
        advice = f'quote a label with signs in it, such as {word}("crane (bird)")'
        if token.text in (",", "|", "||"):
            advice = "quote a label with signs in it, and give each of two labels a comparison of its own"
        elif token.kind in (END, OPERATOR):
            advice = "add it"
        self.refuse(token, f"expected ) after the label; {advice}")

    def refuse(self, token: Token, reason: str) -> NoReturn:
        raise fault(self.option, self.text, _place(token), reason)


def _place(token: Token) -> Place:
    return token.start, len(token.text)


def _numbers(term: Term) -> str:
    return "such as 3" if term.whole else "such as 0.6 or 60%"
