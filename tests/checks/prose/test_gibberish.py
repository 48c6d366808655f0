"""Gibberish is found, and no word of a language, a merchant or a code is taken for it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles.processor_time import ATTEMPTS, MAX_RATIO, growth, seconds

from productdesc.checks.claims.sources import SourceIndex, index_sources
from productdesc.checks.prose.gibberish import gibberish
from productdesc.records import Facts, Product
from productdesc.words.tokens import tokenize

DATA = Path(__file__).parents[2] / "data"


def known(text_on_photo: str = "", **product: object) -> SourceIndex:
    facts = Facts(category="", text=(text_on_photo,) if text_on_photo else ())
    return index_sources(Product.model_validate(product), facts, (), "en")


NOTHING = known()


def words(text: str, language: str = "en", index: SourceIndex = NOTHING) -> list[str]:
    return [text[start:end] for start, end in gibberish(text, index, language)]


def made_up() -> Iterator[tuple[str, str]]:
    for line in (DATA / "gibberish" / "words.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            language, *listed = line.split()
            yield from ((language, word) for word in listed)


def test_nine_in_ten_made_up_words_are_found() -> None:
    rows = list(made_up())
    assert len(rows) >= 300
    missed = [row for row in rows if not words(row[1], row[0])]
    assert len(missed) <= 0.1 * len(rows), missed
    title = known(title="Jacket")
    missed = [row for row in rows if not words(f"{row[1].title()} Jacket", row[0], title)]
    assert len(missed) <= 0.1 * len(rows), missed


def test_fewer_than_one_word_in_a_thousand_of_hand_written_copy_is_flagged() -> None:
    count, flagged = 0, []
    for path in sorted((DATA / "opinion").iterdir()):
        for line in path.read_text("utf-8").splitlines():
            if line[:2] in ("+ ", "- "):
                text = re.sub(r"[\[\]]", "", line[2:])
                count += len(tokenize(text))
                flagged += words(text, path.stem)
    assert count > 8000
    assert len(flagged) <= count / 1000, flagged


def test_fewer_than_one_word_in_a_thousand_of_real_catalogues_is_flagged(
    shared: Path,
) -> None:
    """With no data at all, which is harder than with the product's own."""
    count, flagged = 0, []
    for raw in sorted(catalogue_texts(shared / "catalogs")):
        text = re.sub(r"<[^>]*>|https?:\S+|\b\w+(?:-\w+){2,}", " ", raw)
        count += len(tokenize(text))
        flagged += words(text)
    assert count > 20_000
    assert len(flagged) <= count / 1000, flagged


def catalogue_texts(folder: Path) -> set[str]:
    """Titles and descriptions of the well-formed UTF-8 files."""
    texts = set()
    csv.field_size_limit(1 << 24)
    for path in sorted(folder.rglob("*.csv")):
        try:
            rows = list(csv.DictReader(path.open(encoding="utf-8-sig", newline="")))
        except (UnicodeDecodeError, csv.Error):
            continue
        for row in rows:
            for name, value in row.items():
                told = isinstance(name, str) and isinstance(value, str)
                if told and re.search(r"title|name|body|descri", name, re.I):
                    texts.add(value)
    return texts


@pytest.mark.parametrize(
    "text",
    [
        "The HATLX jacket.",  # an abbreviation in capitals
        "Art. B07xqzrt, XQ-4zrtk, xqzrt_42, xqz@wrtk.example, wrtk.example",
        "Of Tencelx® and Hatoliex™.",
        "Ca. 5 pcs. and approx. 3 qty. each",
        "The Hatoliex jacket.",  # a name: brands are the claims' business
        "Hatoliex Jacket",  # a title, and no title of the merchant to compare it with
        "Schifffahrt, Bonbonglas, Sommerabendkleid und Kaffeevollautomatenreiniger.",
        "XXL, mm, ml, AAA, kWh, L'Oréal, d'été, rock'n'roll, it's, aujourd'hui",
        "電気ケトル и красивый чайник",
    ],
)
def test_no_code_name_abbreviation_or_compound_is_gibberish(text: str) -> None:
    assert words(text, "de" if "Schiff" in text else "en") == []


@pytest.mark.parametrize(
    "index",
    [
        known(title="hatoliex jacket"),
        known(attributes={"brand": "Hatoliex"}),
        known(attributes={"hatoliex": "yes"}),
        known(description="Our hatoliex is warm."),
        known(id="hatoliex"),
        known("HATOLIEX"),
    ],
)
def test_what_the_merchant_or_a_photo_says_is_no_gibberish(index: SourceIndex) -> None:
    text = "A hatoliex, two hatoliexes; hatoliexstoff."
    assert words(text, "en") == ["hatoliex", "hatoliexes", "hatoliexstoff"]
    assert words("A hatoliex.", "en", index) == []


def test_a_word_formed_of_the_merchants_word_is_none() -> None:
    index = known(attributes={"fabric": "Hatoliex"})
    assert words("Aus Hatoliexstoff und im Hatoliexgewebe.", "de", index) == []
    assert words("Two hatoliexes.", "en", index) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A warm pompompom jacket.", ["pompompom"]),
        ("Soft ÿÿ cotton.", ["ÿÿ"]),
        ("The Pompompom jacket.", ["Pompompom"]),  # no name has letters like these
        ("A very comfortabtable chair.", ["comfortabtable"]),
        ("Hatoliex is warm. Xqzwrtkl too.", ["Hatoliex", "Xqzwrtkl"]),
    ],
)
def test_it_is_found_in_its_place(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_language_without_a_dictionary_is_left_alone() -> None:
    assert words("pompompom hatoliex", "nl") == []


@pytest.mark.parametrize("part", ["hatoliex ", "pom", "l'", "x", "Hatoliex. ", "ab-"])
def test_the_time_grows_with_the_text(part: str) -> None:
    assert growth(lambda size: words(part * size), most=1 << 14) < MAX_RATIO


def test_the_time_grows_with_the_words_of_a_whole_book() -> None:
    """To copy what is left of a text at each word shows only in a long one."""

    def run(size: int) -> object:
        return words("bold " * size)

    ratios = (seconds(run, 64_000) / seconds(run, 16_000) for _ in range(ATTEMPTS))
    assert any(ratio < 4 * 1.4 for ratio in ratios)
