"""Grammar of `--where`: terms joined by and, or, not and brackets, as a piece of SQL.

    rule  = and {"or" and}
    and   = not {"and" not}
    not   = "not" not | "(" rule ")" | term
    term  = WORD | WORD ":" VALUE | WORD COMPARISON NUMBER

A value with spaces or brackets stands in double quotes. To add a word: one row in
`where_terms.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from ...text.printable import quoted
from ...text.suggest import did_you_mean
from .where_terms import COMPARISONS, CONFIDENCE, LENGTH, NUMBERS, TERMS

MOST_CHARACTERS = 4_000
"""Of one rule; a person's has a hundred."""
MOST_TERMS = 200
"""Terms of one rule: SQLite takes some thousand parameters."""
MOST_DEPTH = 40
"""Brackets and `not` within one another."""

_TOKEN = re.compile(
    r"""\s*(?: (?P<bracket>[()]) | (?P<comparison>>=|<=|!=|[<>=])
             | "(?P<quoted>[^"]*)" | (?P<word>[^\s()<>=!"]+) )""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_JOINS = ("and", "or", "not")


@dataclass(frozen=True, slots=True)
class Where:
    """A rule that was understood: a condition of SQL with its parameters.

    `sql` is made of our own words only, over the tables `rows` and `facets`.
    """

    text: str
    sql: str
    values: tuple[str | float, ...]


class _Token(NamedTuple):
    kind: str
    text: str
    is_adjacent: bool


def parse_where(text: str) -> Where:
    """The rule that a person typed; raises `ValueError` where it is none.

    The message names what is not known, and the nearest that is.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(
            f"the rule has {len(text)} characters; {MOST_CHARACTERS} are the most"
        )
    parser = _Parser(_tokens(text))
    if not parser.tokens:
        raise ValueError("the rule is empty; state:generated is one")
    sql = parser.rule(0)
    if left := parser.peek():
        raise ValueError(
            f"{_shown(left.text)}: and, or, or the end of the rule is expected here"
        )
    return Where(text.strip(), sql, tuple(parser.values))


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if not match:
            rest = text[at:].strip()
            why = "a quotation mark is not closed" if '"' in rest else "nothing known"
            raise ValueError(f"{_shown(rest)}: {why}")
        kind = match.lastgroup or ""
        adjacent = match.start(kind) - (kind == "quoted") == at
        tokens.append(_Token(kind, match[kind], adjacent))
        at = match.end()
    return tokens


class _Parser:
    """Recursive descent over the tokens; gathers the parameters in their order."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.values: list[str | float] = []
        self._at = 0
        self._terms = 0

    def peek(self) -> _Token | None:
        return self.tokens[self._at] if self._at < len(self.tokens) else None

    def rule(self, depth: int) -> str:
        parts = [self._and(depth)]
        while self._takes("or"):
            parts.append(self._and(depth))
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def _and(self, depth: int) -> str:
        parts = [self._not(depth)]
        while self._takes("and"):
            parts.append(self._not(depth))
        return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"

    def _not(self, depth: int) -> str:
        if depth > MOST_DEPTH:
            raise ValueError(f"more than {MOST_DEPTH} brackets or nots within one another")
        if self._takes("not"):
            return f"NOT {self._not(depth + 1)}"
        token = self._next("a word such as finding, or a bracket")
        if token.kind == "bracket" and token.text == "(":
            inner = self.rule(depth + 1)
            closing = self.peek()
            if not closing or (closing.kind, closing.text) != ("bracket", ")"):
                raise ValueError("a bracket is not closed")
            self._at += 1
            return f"({inner})"
        if token.kind != "word":
            raise ValueError(f"{_shown(token.text)}: a word such as finding is expected")
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise ValueError(f"the rule has more than {MOST_TERMS} terms")
        return self._term(token.text)

    def _term(self, word: str) -> str:
        following = self.peek()
        if following and following.kind == "comparison":
            return self._comparison(word)
        name, colon, value = word.partition(":")
        name = name.casefold()
        if name in _JOINS:
            raise ValueError(f"{_shown(word)}: {name} stands between two terms")
        if word.casefold() in NUMBERS:
            raise ValueError(
                f"{_shown(word)} is compared with a number: {word.casefold()} >= 0.9"
            )
        if name not in TERMS:
            raise _unknown(word, name)
        if colon and not value and following and following.kind in ("quoted", "word"):
            self._at += 1
            value = following.text
        term = TERMS[name]
        if not colon:
            if term.without:
                return term.without
            raise ValueError(f"{name} needs a value: {name}:VALUE ({term.meaning})")
        if not term.sql:
            raise ValueError(f"{name} takes no value; {name} alone is the whole term")
        if not value:
            raise ValueError(f"{name}: has no value ({term.meaning})")
        return self._with_value(name, value)

    def _with_value(self, name: str, value: str) -> str:
        term = TERMS[name]
        if term.values is not None and value.casefold() not in term.values:
            hint = did_you_mean(value, sorted(term.values))
            raise ValueError(f"{_shown(f'{name}:{value}')}: there is no such {name}{hint}")
        self.values.append(term.stored(value))
        return term.sql

    def _comparison(self, word: str) -> str:
        column = NUMBERS.get(word.casefold())
        if column is None:
            name = word.casefold()
            if name in TERMS or name.partition(":")[0] in TERMS:
                raise ValueError(f"{_shown(word)} is not compared; it stands alone or as "
                                 f"{name.partition(':')[0]}:VALUE")  # fmt: skip
            raise _unknown(word, name)
        comparison = COMPARISONS[self._next("a comparison").text]
        number = self._next("a number")
        if number.kind != "word" or not _NUMBER.fullmatch(number.text):
            raise ValueError(f"{_shown(number.text)} is no number, such as 0.9 or 60")
        self.values.append(float(number.text))
        # a missing value satisfies no comparison, and so `not` of it holds
        return f"coalesce({column} {comparison} ?, 0)"

    def _takes(self, join: str) -> bool:
        token = self.peek()
        if token and token.kind == "word" and token.text.casefold() == join:
            self._at += 1
            return True
        return False

    def _next(self, wanted: str) -> _Token:
        token = self.peek()
        if token is None:
            raise ValueError(f"the rule ends where {wanted} is expected")
        self._at += 1
        return token


def _unknown(word: str, name: str) -> ValueError:
    field, colon, rest = name.partition(":")
    if colon and rest == LENGTH:
        fields = [one.partition(":")[0] for one in NUMBERS if one != CONFIDENCE]
        return ValueError(f"{_shown(word)}: no such field{did_you_mean(field, fields)}")
    known = [*TERMS, *NUMBERS]
    return ValueError(f"{_shown(word)} is no word of it{did_you_mean(name, known)}")


def _shown(text: str) -> str:
    return f"the rule, at {quoted(text, 'value')}"
