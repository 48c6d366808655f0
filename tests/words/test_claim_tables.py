"""The tables of claims: whole in five languages, with sources, and no word in two kinds."""

from __future__ import annotations

import re
from collections import defaultdict
from importlib.resources import files

import pytest

from productdesc.checks import RULES
from productdesc.checks.prose.phrases import phrase_at
from productdesc.words.claims import claim_tables
from productdesc.words.claims.claim_phrases import claim_index, listed_phrases, with_kinds
from productdesc.words.claims.claim_tables import (
    CLAIM_LANGUAGES,
    NOT_CLAIMS,
    ClaimRow,
    claim_rows,
    function_words,
    unit_rows,
)
from productdesc.words.claims.inflection import inflections
from productdesc.words.tokens import tokenize

ROWS = claim_rows()
# Kinds of claims whose words are not listed: numbers, names, what is said in labels, noise.
UNLISTED = {
    *("price", "percentage", "identifier", "number", "name", "label", "colour", "kind"),
    *("contact", "markup", "refusal", "instruction", "prompt-leak", "script", "loop"),
    *("duplicate", "avoid", "copied-example", "one-variant", "gibberish"),
}


def test_there_is_a_table_for_every_rule_whose_words_are_listed() -> None:
    codes = {row.code for row in ROWS} - {""}
    assert codes == {rule.code for rule in RULES} - UNLISTED


def test_every_file_of_the_folder_is_read() -> None:
    folder = files("productdesc.words") / "claims"
    names = {path.name for path in folder.iterdir() if path.name.endswith(".toml")}
    others = ("unit", "function_words", "grammar", "opinion", "word_forms")
    assert names == {f"{name}.toml" for name in (*claim_tables.TABLES, *others)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_has_words_in_every_language_and_says_where_they_come_from(
    row: ClaimRow,
) -> None:
    assert len(row.source) > 20
    assert "all" in row.words or set(row.words) == set(CLAIM_LANGUAGES)
    for language, entries in row.words.items():
        assert entries and len(set(entries)) == len(entries), language
        for entry in entries:
            assert entry == " ".join(entry.split())
            assert re.fullmatch(r"[=^?]?\*?[^=^?*~]+(~[^=^?*~]*)*\*?", entry), entry


def test_the_keys_are_unique_and_what_a_row_is_a_kind_of_is_a_row() -> None:
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids)
    assert {above for row in ROWS for above in row.kinds_of} <= set(ids)
    assert "texture.metal" in with_kinds(frozenset({"material.stainless_steel"}))


@pytest.mark.parametrize("language", CLAIM_LANGUAGES)
def test_no_word_of_a_language_is_two_kinds_of_claims(language: str) -> None:
    codes: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for row in ROWS:
        if row.table not in NOT_CLAIMS:
            for tongue in ("all", language):
                for phrase, part in listed_phrases(row.id, tongue):
                    if not phrase.only_in:
                        codes[phrase.forms, phrase.written, part].add(row.code)
    assert not {forms: kinds for forms, kinds in codes.items() if len(kinds) > 1}


# Ordinary words that begin, end, or are spelt like a claim: each was one in some version.
LOOKALIKES = {
    "de": "besteht bestens höchstens bestimmt Besteck flach wach roh jung böse betont"
    " wollen wollte Diebstahl kinderleicht sicherlich seidig stahlblau für Wale samt"
    " lederfarben",
    "fr": "rayon chiffon prime importe récompense médaille télécommande sur gré coupon",
    "es": "antes relieve superior brillante trata mejora",
    "it": "ultimate granite ogni sempre sale cura",
    "en": "best-before turkey china polish",
}


@pytest.mark.parametrize(
    ("language", "word"),
    [
        (language, word)
        for language, listed in LOOKALIKES.items()
        for word in listed.split()
    ],
)
def test_a_word_that_looks_like_a_claim_is_none(language: str, word: str) -> None:
    phrase = phrase_at(word, tokenize(word), 0, language)
    assert phrase is None or not phrase.code


@pytest.mark.parametrize("language", CLAIM_LANGUAGES)
def test_a_beginning_or_end_of_words_is_long_enough_to_tell(language: str) -> None:
    index = claim_index(language)
    assert all(len(part) > 3 for part in (*index.heads, *index.tails))


def test_every_unit_has_words_in_every_language_and_one_size() -> None:
    for row in unit_rows():
        assert "all" in row.words or set(row.words) == set(CLAIM_LANGUAGES), row.key
        assert row.factor > 0 and len(row.source) > 10
    units = {row.key for row in unit_rows()}
    assert len(units) == len(unit_rows())
    assert set(function_words()["article_units"]["all"]) <= units


NOT_IN_ALL = {
    *("shade_endings", "not_borrowed", "size_systems", "article_units", "of_a", "range"),
    *("articles", "ratings", "between_number_and_thing", "not_in_data"),
}


@pytest.mark.parametrize("name", sorted(set(function_words()) - NOT_IN_ALL))
def test_small_words_are_listed_in_every_language(name: str) -> None:
    listed = function_words()[name]
    assert set(CLAIM_LANGUAGES) <= set(listed) and all(listed.values())


@pytest.mark.parametrize(
    ("language", "word", "forms"),
    [
        ("de", "wasserdicht", "wasserdichte wasserdichter wasserdichtes wasserdichten"),
        ("de", "dunkel", "dunkle dunkler"),
        ("fr", "étanche", "étanches"),
        ("fr", "certifié", "certifiée certifiés certifiées"),
        ("fr", "antibactérien", "antibactérienne antibactériennes"),
        ("fr", "végétal", "végétale végétaux"),
        ("fr", "exclusif", "exclusive exclusives"),
        ("fr", "italien", "italienne italiens"),
        ("es", "orgánico", "orgánica orgánicos orgánicas"),
        ("es", "impermeable", "impermeables"),
        ("es", "francés", "franceses francesa francesas"),
        ("es", "eficaz", "eficaces"),
        ("it", "biologico", "biologica biologici biologiche"),
        ("it", "lavabile", "lavabili"),
        ("it", "certificato", "certificata certificati certificate"),
        ("it", "vaio", "vai vaia vaie"),
        ("it", "rigeneratore", "rigeneratori rigeneratrice"),
    ],
)
def test_a_word_has_the_forms_of_its_language(language: str, word: str, forms: str) -> None:
    assert {word, *forms.split()} <= set(inflections(word, language))


def test_a_language_without_rules_has_the_word_alone() -> None:
    assert inflections("tight", "en") == ("tight",)


def test_a_row_with_an_unknown_language_is_refused() -> None:
    with pytest.raises(TypeError, match="nl"):
        claim_tables._words({"en": "soft", "nl": "zacht"})
