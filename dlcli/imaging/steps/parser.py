"""Text of a --pre chain to checked step names and values; every mistake is a UsageError with a caret under it.

    chain := step ("|" step)*        step := name [ "(" [ argument ("," argument)* ] ")" ]
    argument := [ name "=" ] value   value := number | word
Plain Python, so that a faulty chain is refused before any image library is loaded.
"""

import re

from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.imaging.steps.table import BY_NAME, FORMS, Argument, Form, Value
from dlcli.messages import did_you_mean, shortened, underline

_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z_][A-Za-z_0-9-]*)|(?P<number>[-+]?[0-9.][0-9.eE]*(?:(?<=[eE])[-+][0-9]+)?)|"
                    r"(?P<sign>[|(),=])|(?P<other>\S))")  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")


@dataclass(frozen=True)
class Token:
    kind: str  # word, number, sign, other, end
    text: str
    start: int


def parse_chain(text: str) -> list[tuple[Form, dict[str, Value]]]:
    """Each step's form and its values in the table's order, defaults filled in. Blank text gives no steps."""
    if not text.strip():
        return []
    parser = _Parser(text)
    steps = [parser.step()]
    while parser.take("|"):
        steps.append(parser.step())
    parser.expect_end()
    return steps


class _Parser:
    def __init__(self, text: str):
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def take(self, sign: str) -> bool:
        found = self.now.kind == "sign" and self.now.text == sign
        self.at += found
        return found

    def step(self) -> tuple[Form, dict[str, Value]]:
        name = self.now
        if name.kind != "word":
            raise self.error(name, f"expected a step, one of {_known_steps()}")
        form = BY_NAME.get(name.text.replace("-", "_").lower())
        if form is None:
            raise self.error(
                name,
                f"unknown step {shortened(name.text)!r}{_meant(name.text, list(BY_NAME))}; "
                f"the steps are {_known_steps()}",
            )
        self.at += 1
        values = self.arguments(form) if self.take("(") else {}
        return form, self.complete(form, values, name)

    def arguments(self, form: Form) -> dict[str, Value]:
        values: dict[str, Value] = {}
        named_before = False
        if self.take(")"):
            return values
        while True:
            start = self.now
            named = self.now.kind == "word" and self.tokens[self.at + 1].text == "="
            if named_before and not named:
                raise self.error(start, f"{form.name}: a plain value cannot follow a named one; write {form.example}")
            argument = self.named(form) if named else self.positional(form, len(values))
            if argument.name in values:
                raise self.error(start, f"{form.name}: {argument.name} is given twice; write {form.example}")
            values[argument.name] = self.value(form, argument)
            named_before = named
            if self.take(")"):
                return values
            if not self.take(","):
                raise self.error(self.now, f"{form.name}: expected , or ) here; write {form.example}")

    def named(self, form: Form) -> Argument:
        token = self.now
        self.at += 2
        names = [argument.name for argument in form.arguments]
        if token.text not in names:
            meant = _meant(token.text, names)
            raise self.error(
                token, f"{form.name} has no argument {shortened(token.text)!r}{meant}; write {form.example}"
            )
        return form.arguments[names.index(token.text)]

    def positional(self, form: Form, index: int) -> Argument:
        if index >= len(form.arguments):
            count = len(form.arguments)
            limit = f"at most {count} argument{'s' * (count != 1)}" if count else "no arguments"
            raise self.error(self.now, f"{form.name} takes {limit}; write {form.example}")
        return form.arguments[index]

    def value(self, form: Form, argument: Argument) -> Value:
        token = self.now
        value = _read_value(token, argument)
        if value is None:
            got = f", not {shortened(token.text)!r}" if token.text else ""
            wanted = f"{form.name}: {argument.name} must be {argument.describe()}{got}"
            meant = _meant(token.text, list(argument.choices)) if argument.choices else ""
            raise self.error(token, f"{wanted}{meant}; write {form.example}")
        self.at += 1
        return value

    def complete(self, form: Form, given: dict[str, Value], name: Token) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for argument in form.arguments:
            value = given.get(argument.name, argument.default)
            if value is not None:
                values[argument.name] = value
            elif argument.required:
                raise self.error(
                    name, f"{form.name} needs {argument.name}, {argument.describe()}; write {form.example}"
                )
        return values

    def expect_end(self) -> None:
        if self.now.kind != "end":
            raise self.error(self.now, "expected | and another step here, or the end")

    def error(self, token: Token, reason: str) -> UsageError:
        return UsageError(f"{reason}\n{underline(self.text, token.start, len(token.text))}")


def _tokens(text: str) -> list[Token]:
    found = [Token(m.lastgroup or "", m[m.lastgroup or 0], m.start(m.lastgroup or 0)) for m in _TOKEN.finditer(text)]
    return [*found, Token("end", "", len(text.rstrip()))]


def _read_value(token: Token, argument: Argument) -> Value | None:
    """None where the token is not of the kind or out of range."""
    if argument.kind is str:
        return token.text if token.text in argument.choices else None
    if token.kind != "number":
        return None
    try:
        is_whole = _INTEGER.fullmatch(token.text)
        value = float(token.text) if argument.kind is float else int(token.text) if is_whole else None
    except ValueError:
        return None
    return value if value is not None and argument.low <= value <= argument.high else None


def _meant(word: str, known: list[str]) -> str:
    meant = did_you_mean(word, known)
    return f", {meant}" if meant else ""


def _known_steps() -> str:
    return ", ".join(form.name for form in FORMS)
