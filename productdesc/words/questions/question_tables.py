"""The tables of questions and moderation as typed, frozen rows, read on first use.

They shape no description, so they are not in `word_tables.digest`. A key that no row may
have, or a missing one, is a `TypeError`: the tables are ours.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from ..claims.claim_tables import CLAIM_LANGUAGES

__all__ = [
    "POLICY_FILE",
    "ForbiddenRow",
    "ForbiddenRule",
    "forbidden_rows",
    "photo_openings",
    "policy_text",
    "regions",
]

POLICY_FILE = "policy_rules.toml"

Verdict = Literal["refuse", "review"]
Words = Mapping[str, tuple[str, ...]]


class ForbiddenRule(NamedTuple):
    """Who forbids it, and what that comes to.

    channel, country: where the rule holds; "" for both: on all marketplaces. official:
    the source is the rule's own text and was read.
    """

    verdict: Verdict
    source: str
    channel: str = ""
    country: str = ""
    official: bool = False


@dataclass(frozen=True, slots=True)
class ForbiddenRow:
    """Goods, or a claim, that somebody forbids: its words, and what looks like them.

    `code` is "goods-" or "claim-" and the row's key. `claims`: rows of the tables of claims
    whose words count, too. `fields`: where it counts; empty: in all texts.
    """

    code: str
    label: str
    rules: tuple[ForbiddenRule, ...]
    words: Words
    may: Words
    claims: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@cache
def forbidden_rows() -> tuple[ForbiddenRow, ...]:
    """All goods and claims that somebody forbids, in the order of the tables."""
    goods = _read("forbidden_goods.toml")["goods"]
    claims = _read("forbidden_claims.toml")["claims"]
    return (
        *(_row(f"goods-{key}", row) for key, row in goods.items()),
        *(_row(f"claim-{key}", row) for key, row in claims.items()),
    )


@cache
def regions() -> Mapping[str, tuple[str, ...]]:
    """Regions that a rule may name as its country, and the codes of their countries."""
    table = _read("forbidden_goods.toml")["regions"]
    return MappingProxyType({name: tuple(codes) for name, codes in table.items()})


@cache
def photo_openings() -> Words:
    """Words by language with which a text about a photo must not begin."""
    table = _read("photo_openings.toml")
    return MappingProxyType({code: tuple(some) for code, some in table.items()})


def policy_text() -> str:
    """The policy that ships, as TOML."""
    return (files(__package__) / POLICY_FILE).read_text("utf-8")


def _row(code: str, row: Mapping[str, Any]) -> ForbiddenRow:
    if unknown := sorted(set(row) - {"label", "rules", "words", "may", "claims", "fields"}):
        raise TypeError(f"{code} has the unknown keys {unknown}")
    return ForbiddenRow(
        code.replace("_", "-"),
        row["label"],
        tuple(ForbiddenRule(**rule) for rule in row["rules"]),
        _words(row.get("words", {})),
        _words(row.get("may", {})),
        tuple(row.get("claims", ())),
        tuple(row.get("fields", ())),
    )


def _words(listed: Mapping[str, str]) -> Words:
    if unknown := sorted(set(listed) - {"all", *CLAIM_LANGUAGES}):
        raise TypeError(f"a row of forbidden goods has the unknown languages {unknown}")
    return MappingProxyType(
        {
            code: tuple(one.strip() for one in some.split(","))
            for code, some in listed.items()
        }
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / name).read_text("utf-8"))
