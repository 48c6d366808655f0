"""Texts of products at random: what merchants, page builders and plugins leave in a shop.

One grammar, one seed: the same texts every time. The recordings of a real shop
(`tests/data/woocommerce/kses.jsonl.gz`) were made of it, and `products` makes whole
products of it. "tidy" rules give what WordPress keeps from every role, as far as the
author of a rule can know; "wild" ones give all else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

FIELDS = ("name", "description", "short_description")

GRAMMAR = Path(__file__).parents[2] / "data" / "woocommerce" / "markup.toml"
_MAX_DEPTH = 6  # then only words


def _grammar() -> dict[str, list[str]]:
    table = tomllib.loads(GRAMMAR.read_text("utf-8"))
    rules: dict[str, list[str]] = table["rules"]
    for row in table["elements"]:
        rules[row["rule"]] += [
            f"<{tag}{{{row['attributes']}}}>{{{row['inside']}}}</{tag}>"
            for tag in row["tags"].split()
        ] * row["times"]
    return rules


RULES = _grammar()


def expand(random: Random, rule: str, depth: int = 0) -> str:
    """One text of a rule of the grammar."""
    if depth > _MAX_DEPTH and rule in {"inner", "tidy_inner", "wild", "tidy", "element"}:
        rule = "words"
    return re.sub(
        r"\{([a-z_]+)\}",
        lambda m: expand(random, m[1], depth + 1) if m[1] in RULES else m[0],
        random.choice(RULES[rule]),
    )


def markup(random: Random, tidy: float = 0.5) -> str:
    """A description; `tidy` is the share of those that any role may keep."""
    rule = "tidy" if random.random() < tidy else "wild"
    return "\n".join(expand(random, rule) for _ in range(random.choice([1, 1, 1, 2, 3])))


def name(random: Random, tidy: float = 0.5) -> str:
    """A product's name."""
    return expand(random, "tidy_name" if random.random() < tidy else "wild_name")


def products(seed: int, count: int, tidy: float = 0.7) -> Iterator[Mapping[str, str]]:
    """Products' name, description and short description as a shop's database has them."""
    random = Random(seed)
    for _ in range(count):
        yield {
            "name": name(random, tidy),
            "description": markup(random, tidy),
            "short_description": markup(random, tidy),
        }
