"""The word tables: every row has what it must have, and no word stands twice."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from importlib.resources import files
from itertools import chain

import pytest

from productdesc.taxonomy import OTHER, product_types
from productdesc.text.fold import fold
from productdesc.words import word_tables
from productdesc.words.singular import singular
from productdesc.words.tokens import forms_of

FOLDER = files("productdesc.words")
TABLES = sorted(path.name for path in FOLDER.iterdir() if path.name.endswith(".toml"))
LANGUAGES = {"de", "fr", "es", "it", "nl"}


def doubles(words: list[str] | tuple[str, ...]) -> list[str]:
    return [word for word, count in Counter(words).items() if count > 1]


def strings(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return list(chain.from_iterable(map(strings, value)))
        case dict():
            return list(chain.from_iterable(map(strings, value.values())))
        case bool():
            return []
    raise TypeError(value)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_holds_words_without_spaces_around_them(name: str) -> None:
    for word in strings(tomllib.loads((FOLDER / name).read_text("utf-8"))):
        assert word and word == " ".join(word.split())


def test_there_is_a_reader_for_every_table() -> None:
    assert TABLES == [
        "attribute_names.toml",
        "colour_forms.toml",
        "colours.toml",
        "contact.toml",
        "elisions.toml",
        "kinds.toml",
        "plurals.toml",
        "product_types.toml",
        "sizes.toml",
        "spellings.toml",
        "stance.toml",
    ]


def test_every_product_type_is_named_in_every_language_and_only_once() -> None:
    rows = word_tables.product_types()
    assert len(rows) == 83 and doubles([row.name for row in rows]) == []
    assert [row.name for row in rows if row.is_group] == ["computer"]
    for row in rows:
        assert set(row.names) == LANGUAGES, row.name
        assert row.name == row.name.lower()
        assert all(name[0].isupper() for name in row.names.values()), row.name


def test_every_type_that_a_model_is_offered_is_a_row() -> None:
    names = {row.name for row in word_tables.product_types()}
    assert set(product_types()) - names == {OTHER}
    assert len(product_types()) == 83 and product_types()[-1] == OTHER
    assert doubles(product_types()) == []


def test_every_kind_has_words_in_six_languages_and_stands_under_a_kind() -> None:
    rows = {row.name: row for row in word_tables.kinds()}
    english = {r.name for r in word_tables.product_types() if r.synonyms is not None}
    assert {row.name for row in word_tables.product_types()} <= set(rows)
    for name, row in rows.items():
        assert set(row.is_a) <= set(rows), name
        if name in ("sweater", "hoodie"):  # words of longsleeves and of outerwear
            continue
        assert set(row.words) - {"en"} == LANGUAGES, name
        assert "en" in row.words or name in english, name
        for words in row.words.values():
            assert doubles(words) == [], name
        if isinstance(row.is_part, frozenset):
            listed = {word for words in row.words.values() for word in words}
            assert row.is_part <= listed | set(english_words(name)), name


def english_words(name: str) -> tuple[str, ...]:
    rows = [row for row in word_tables.product_types() if row.name == name]
    return tuple(w for row in rows for w in (row.name, *(row.synonyms or ())))


def test_a_word_that_says_what_a_sentence_speaks_of_stands_once_in_its_class() -> None:
    for part, languages in word_tables.stance_words().items():
        assert {"en", "de", "fr", "es", "it"} >= set(languages) >= {"en"}, part
        for language, words in languages.items():
            assert doubles(words) == [], (part, language)


def test_no_synonym_stands_twice_in_a_row_or_repeats_its_name() -> None:
    names = {row.name for row in word_tables.product_types()}
    aliases = [a for row in word_tables.product_types() for a in row.aliases]
    assert doubles(aliases) == [] and not set(aliases) & names
    for row in word_tables.product_types():
        listed = (row.name, *row.aliases, *(row.synonyms or ()))
        assert doubles(listed) == [], row.name
        assert all(forms_of(word) for word in listed)


def test_a_shop_word_is_no_product_type_and_stands_once() -> None:
    rows = word_tables.shop_words()
    named = [forms_of(row.name) for row in word_tables.product_types()]
    words = [forms_of(row.name) for row in rows]
    assert len(set(words)) == len(words) and not set(words) & set(named)


def test_every_colour_family_and_shade_is_whole() -> None:
    table = word_tables.colours()
    families = [family.name for family in table.families]
    assert len(families) == 13 and doubles(families) == []
    for family in table.families:
        assert set(family.names) == LANGUAGES, family.name
        assert set(family.words) == {"en", "de", "fr", "es", "it"} and family.words["en"]
        for words in family.words.values():
            assert doubles(words) == [], family.name
    names = [shade.name for shade in table.shades]
    assert len(names) == 36 and doubles(names) == []
    for shade in table.shades:
        assert shade.family in families and set(shade.near) <= set(families)
        assert shade.family not in shade.near
        assert shade.hexes and all(re.fullmatch("#[0-9a-f]{6}", h) for h in shade.hexes)
    assert all(set(near) <= set(families) for near in table.near_words.values())


def test_one_word_of_shops_is_of_one_family_in_each_language() -> None:
    for language in ("en", "de", "fr", "es", "it"):
        words = [
            w for f in word_tables.colours().families for w in f.words.get(language, ())
        ]
        assert doubles(words) == [], language


def test_what_is_compared_with_folded_text_is_folded() -> None:
    table = word_tables.colours()
    for word in table.modifiers | table.things | set(table.near_words):
        assert fold(word) == word
    for word in table.things:
        assert singular(word) == word
    for variant, spelling in word_tables.spellings().items():
        assert fold(variant) == variant and spelling not in word_tables.spellings()


def test_a_row_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(TypeError, match="synonym"):
        word_tables._row(word_tables.ProductType, {"name": "hat", "synonym": ["cap"]})
