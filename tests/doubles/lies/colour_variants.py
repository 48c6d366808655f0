"""Products in several colours, and sentences that are true or false of them.

The products are those of the shared Shopify files, in every header, each given colours as a
row a variant; without those files a few of our own in the same form.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from productdesc.catalogs.shopify.csv_file.source import ShopifyCsvSource
from productdesc.records import Product

COLOURS = ("Black", "Navy", "Red", "White", "Green", "Yellow", "Brown", "Purple")
HEXES = {
    **{"Black": "#15151a", "Navy": "#1b2a55", "Red": "#b3202c", "White": "#f4f4f2"},
    **{"Green": "#2e7d3c", "Yellow": "#f2c81e", "Brown": "#6a4428", "Purple": "#6b2f8e"},
}
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
OWN = ("Mug", "Scarf", "Backpack", "Lamp", "Chair", "Wallet", "Umbrella", "Notebook")
"""Titles of our own products."""


class Coloured(NamedTuple):
    """A product as its reader tells it, and its colours, the named one first."""

    product: Product
    colours: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """What an engine is made to write of one product, sentence by sentence."""

    claims: tuple[str, ...]
    bound: tuple[str, ...]
    true: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join((*self.claims, *self.bound, *self.true))


def said_of(colours: Sequence[str], noun: str) -> Said:
    """Sentences that name the first of the colours: of all, of its variant, with all."""
    one, last = colours[0].lower(), colours[-1].lower()
    whole = f"{', '.join(c.lower() for c in colours[:-1])} and {last}"
    return Said(
        claims=(
            f"A {one} {noun} for every day.",
            f"This {noun} is {one}.",
            f"It comes in {one}.",
            f"Our {noun} in {one} goes with everything.",
            f"Colour: {one}.",
            f"A deep {one} finish gives it character.",
        ),
        bound=(f"The {one} one suits the evening.", f"The version in {last} is new."),
        true=(
            f"In {NUMBERS[len(colours)]} colours.",
            f"It comes in {whole}.",
            "Pick your favourite colour.",
        ),
    )


def true_of_one(colour: str, noun: str) -> tuple[str, ...]:
    """True sentences of a product that has this colour alone."""
    one = colour.lower()
    return (
        f"A {one} {noun} for every day.",
        f"This {noun} is {one}.",
        f"It comes in {one}.",
        f"Colour: {one}.",
    )


def coloured(shared: Path | None, folder: Path, count: int, most: int) -> list[Coloured]:
    """So many products of two to `most` colours, or of one where that is 1."""
    found: list[Coloured] = []
    for number, (header, row) in enumerate(_first_rows(shared)):
        if len(found) == count:
            break
        size = 1 if most == 1 else 2 + number % (most - 1)
        own = tuple((COLOURS * 2)[number % 8 : number % 8 + size])
        path = folder / f"{most}-{number}.csv"
        _write(path, header, row, own)
        [product] = ShopifyCsvSource(path).products()
        found.append(Coloured(product, own))
    return found


def _first_rows(shared: Path | None) -> Iterator[tuple[list[str], dict[str, str]]]:
    """The first row of each product, in the next header each; then again in others."""
    if shared is None:
        for title in OWN:
            row = {"Handle": title.lower(), "Title": title, "Option1 Name": ""}
            yield [*row, "Option1 Value", "Variant SKU", "Variant Image"], row
        return
    files = sorted((shared / "catalogs/shopify-csv").glob("[a-h]-20*.csv"))
    tables = [_table(path) for path in files]
    for number in itertools.count():
        again, at = divmod(number, len(tables[0][1]))
        header, rows = tables[(at + 3 * again) % len(tables)]
        yield header, rows[at]


def _table(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = [row for row in reader if row["Title"]]
    return list(reader.fieldnames or ()), rows


def _write(
    path: Path, header: list[str], row: dict[str, str], colours: Sequence[str]
) -> None:
    """An export of one product with a variant a colour, in its own header."""
    named = {name.casefold(): name for name in header}
    handle = named.get("handle") or named["url handle"]
    name, value = named["option1 name"], named["option1 value"]
    others = [n for n in header if n.casefold().startswith(("option2", "option3"))]
    plain = row | dict.fromkeys(others, "")
    rows = [plain | {name: "Color", value: colours[0]}]
    rows += [{handle: row[handle], value: colour} for colour in colours[1:]]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
