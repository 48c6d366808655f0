"""Moderation policy: what a shop's photos should not show, as TOML that the shop edits.

The pattern is that of LlavaGuard: each category has what a photo should not show and what
it may show all the same. `words/questions/policy_rules.toml` ships and says what each key
is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, get_args

from ...style.style_file import check_names, read_toml
from ...text.printable import printable, quoted
from ...words.questions.question_tables import policy_text

__all__ = ["MAX_CLAUSES", "ModerationPolicy", "PolicyCategory"]

MAX_CLAUSES = 12
"""Of each list of a category: models lose the thread of a longer one."""
MAX_CLAUSE = 200
"""Characters of a clause; more is a page, not a rule."""
MAX_CATEGORIES = 40
"""Each is one more question a photo."""

Verdict = Literal["review", "refuse"]


class PolicyCategory(NamedTuple):
    """One category: what a photo should not show, and what it may show all the same.

    threshold: P(yes), 0 to 1, from which a photo is reported; verdict: what as.
    """

    name: str
    label: str
    should_not: tuple[str, ...]
    may: tuple[str, ...]
    threshold: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ModerationPolicy:
    """The categories by which a model is asked about a photo, in order.

    second_look: each photo is read and asked about once more, smaller; what the two looks
    say differently cannot be told. Costs as much as the first look.
    """

    categories: tuple[PolicyCategory, ...]
    second_look: bool = False

    @classmethod
    def shipped(cls, *, second_look: bool = False) -> Self:
        """The policy that ships, for a shop of everyday goods."""
        return replace(cls._of(tomllib.loads(policy_text())), second_look=second_look)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The policy of a TOML file. Raises `ValueError` with what is wrong in it."""
        try:
            return cls._of(read_toml(path))
        except ValueError as e:
            shown = printable(path, "path")
            message = str(e)
            raise ValueError(
                message if message.startswith(shown) else f"{shown}: {message}"
            ) from e

    @classmethod
    def _of(cls, table: Mapping[str, Any]) -> Self:
        check_names(table, ("categories", "second_look"), "a policy")
        second_look = table.get("second_look", False)
        if not isinstance(second_look, bool):
            raise ValueError(f"second_look is {second_look!r}; it is true or false")
        rows = table.get("categories")
        if not isinstance(rows, Mapping) or not rows:
            raise ValueError("a policy has one table a category: [categories.weapons]")
        if len(rows) > MAX_CATEGORIES:
            raise ValueError(
                f"{len(rows)} categories; {MAX_CATEGORIES} are the most, as each is a "
                "question more for every photo"
            )
        return cls(tuple(_category(*row) for row in rows.items()), second_look)


def _category(name: str, row: Any) -> PolicyCategory:
    what = f"category {quoted(name, 'name')}"
    if not isinstance(row, Mapping):
        raise ValueError(
            f"{what} is no table: write [categories.{printable(name, 'name')}]"
        )
    check_names(row, PolicyCategory._fields[1:], what)
    clauses = {key: _clauses(what, key, row.get(key, [])) for key in ("should_not", "may")}
    if not clauses["should_not"]:
        raise ValueError(f"{what}: should_not is empty; say what a photo should not show")
    threshold, verdict = row.get("threshold", 0.5), row.get("verdict", "review")
    if type(threshold) not in (int, float) or not 0 < threshold <= 1:
        raise ValueError(f"{what}: threshold is {threshold!r}; it is above 0, at most 1")
    if verdict not in get_args(Verdict):
        known = " or ".join(get_args(Verdict))
        raise ValueError(f"{what}: verdict is {verdict!r}; it is {known}")
    label = row.get("label", name)
    if not isinstance(label, str) or not label.strip():
        raise ValueError(f"{what}: label is {label!r}; it is a text")
    return PolicyCategory(name, label, threshold=threshold, verdict=verdict, **clauses)


def _clauses(what: str, key: str, listed: Any) -> tuple[str, ...]:
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise ValueError(f'{what}: {key} is a list of texts: {key} = ["show ..."]')
    texts = tuple(one.strip() for one in listed)
    if not all(texts):
        raise ValueError(f"{what}: {key} has an empty text; take it out")
    if len(texts) > MAX_CLAUSES:
        raise ValueError(
            f"{what}: {key} has {len(texts)} texts; {MAX_CLAUSES} are the most"
        )
    if long := [one for one in texts if len(one) > MAX_CLAUSE]:
        raise ValueError(
            f"{what}: {key} has a text of {len(long[0])} characters; {MAX_CLAUSE} are the "
            "most"
        )
    return texts
