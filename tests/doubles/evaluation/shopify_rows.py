"""Rows with the columns of `Shopify/product-catalogue`, and replies to them, by a seed.

The replies have what models do wrong: fences, half JSON, extra keys, other types, slips in
a brand, a wrong leaf, a path that is too short or too long, spaces where none belong.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

TOPS = ("Apparel & Accessories", "Home & Garden", "Electronics")
MIDDLES = ("Clothing", "Shoes", "Kitchen", "Audio", "Lighting")
LEAVES = ("Shirts", "Polo Shirts", "Sneakers", "Mugs", "Headphones", "Lamps", "Sets")
BRANDS = (
    "Giorgio Armani",
    "adidas",
    "Müller & Söhne",
    "IKEA",
    "Le Creuset",
    "3M",
    "O'Neill",
)


def made(seed: int, count: int) -> tuple[list[dict[str, Any]], list[str]]:
    """`count` rows without photos, and a reply to each."""
    chance = random.Random(seed)
    rows = [_row(chance) for _ in range(count)]
    return rows, [_reply(chance, row) for row in rows]


def _path(chance: random.Random) -> str:
    depth = chance.randint(1, 4)
    parts = [chance.choice(names) for names in (TOPS, MIDDLES, LEAVES, LEAVES)]
    return " > ".join(parts[:depth])


def _row(chance: random.Random) -> dict[str, Any]:
    paths = list(dict.fromkeys(_path(chance) for _ in range(chance.randint(1, 8))))
    return {
        "product_title": f"Product {chance.randint(1, 999)}",
        "product_description": "<p>A product.</p>",
        "potential_product_categories": paths,
        "ground_truth_category": chance.choice(paths),
        "ground_truth_brand": chance.choice(BRANDS),
        "ground_truth_is_secondhand": chance.random() < 0.2,
    }


def _reply(chance: random.Random, row: dict[str, Any]) -> str:
    label = row["ground_truth_category"]
    category = _one(
        chance,
        [
            (6, label),
            (2, chance.choice(row["potential_product_categories"])),
            (1, label.rpartition(" > ")[0]),
            (1, f"{label} > {chance.choice(LEAVES)}"),
            (1, _path(chance)),
            (1, f" {label.replace(' > ', '  >  ')} "),
            (1, label.replace(" > ", ">")),
            (1, label.lower()),
            (1, ""),
        ],
    )
    brand = row["ground_truth_brand"]
    at = chance.randrange(len(brand))
    said = _one(
        chance,
        [
            (5, brand),
            (2, f"  {brand.upper()} "),
            (3, brand[:at] + chance.choice("abcxyz") + brand[at + 1 :]),
            (2, brand[:at] + brand[at + 1 :]),
            (2, chance.choice(BRANDS)),
            (1, ""),
        ],
    )
    truth = row["ground_truth_is_secondhand"]
    used = _one(chance, [(6, truth), (2, not truth), (1, "yes"), (1, "false"), (1, 1)])
    value: dict[str, Any] = {"category": category, "brand": said, "is_secondhand": used}
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    return str(
        _one(
            chance,
            [
                (18, text),
                (1, f"```json\n{text}\n```"),
                (1, text[: chance.randrange(len(text))]),
                (1, json.dumps({**value, "reason": "I see it."})),
                (1, json.dumps({k: v for k, v in value.items() if k != "brand"})),
                (1, json.dumps({**value, "is_secondhand": "perhaps"})),
                (1, json.dumps({**value, "category": None})),
                (1, f"\n  {text}  \n"),
                (1, "The category is shirts."),
                (1, json.dumps({**value, "is_secondhand": 2})),
            ],
        )
    )


def _one(chance: random.Random, weighted: Sequence[tuple[int, Any]]) -> Any:
    weights, values = zip(*weighted, strict=True)
    return chance.choices(values, weights)[0]
