"""Every row of the tables of claims: found, vouched for in any language, and not denied."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from productdesc.checks import POLICY
from productdesc.checks.claims.find import Claim, find_claims
from productdesc.checks.claims.sources import index_sources
from productdesc.records import Facts, Product
from productdesc.words.claims.claim_phrases import inflected, with_kinds
from productdesc.words.claims.claim_tables import (
    CLAIM_LANGUAGES,
    NOT_CLAIMS,
    ClaimRow,
    claim_rows,
)

NOTHING = Facts(category="other product")
CLAIMS = [row for row in claim_rows() if row.table not in NOT_CLAIMS]
SAYS = {"en": "Look: {}.", "de": "Seht: {}.", "fr": "Voici {}.", "es": "Mira: {}.",
        "it": "Ecco: {}."}  # fmt: skip
DENIES = {"en": "not {}", "de": "nicht {}", "fr": "pas {}", "es": "no {}", "it": "non {}"}
NEXT = dict(zip(CLAIM_LANGUAGES, (*CLAIM_LANGUAGES[1:], "en"), strict=True))


def claims(text: str, language: str, **attributes: str) -> list[Claim]:
    product = Product(attributes=attributes)
    known = index_sources(product, NOTHING, (), language)
    return list(find_claims(text, known, POLICY))


def entries(row: ClaimRow, language: str) -> Iterator[str]:
    """Each entry of a row as a text would have it, in its listed form."""
    for entry in (*row.words.get(language, ()), *row.words.get("all", ())):
        if not entry.startswith("?"):
            word = next(iter(inflected(entry.lstrip("=^").strip("*"), language)))
            word = word.replace("_", "xx")
            yield f"Haupt{word}" if entry.startswith("*") else word


def first_entry(row: ClaimRow, language: str) -> str:
    return next(iter(entries(row, language)))


@pytest.mark.parametrize("language", CLAIM_LANGUAGES)
@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: row.id)
def test_every_word_of_a_row_is_found_as_a_claim_of_its_kind(
    row: ClaimRow, language: str
) -> None:
    for word in entries(row, language):
        text = SAYS[language].format(word)
        found = [c for c in claims(text, language) if c.code == row.code]
        spans = [text[c.start : c.end].casefold() for c in found]
        assert word.casefold() in " ".join(spans), (word, spans)
        assert not any(claim.verdict == "keep" for claim in found)


@pytest.mark.parametrize("language", CLAIM_LANGUAGES)
@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: row.id)
def test_data_with_the_same_row_vouches_in_its_own_and_in_another_language(
    row: ClaimRow, language: str
) -> None:
    text = SAYS[language].format(first_entry(row, language))
    for other in (language, NEXT[language]):
        theirs = first_entry(row, other)
        for data in ({"feature": f"{theirs}"}, {"note": f"xx {theirs} yy"}):
            wrong = [c for c in claims(text, language, **data) if c.verdict != "keep"]
            assert not wrong, (text, data, wrong)


@pytest.mark.parametrize("language", CLAIM_LANGUAGES)
@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: row.id)
def test_what_data_denies_vouches_for_nothing(row: ClaimRow, language: str) -> None:
    text = SAYS[language].format(first_entry(row, language))
    for other in (language, NEXT[language]):
        denied = {"note": "xx. " + DENIES[other].format(first_entry(row, other))}
        kept = [c for c in claims(text, language, **denied) if c.verdict == "keep"]
        assert not kept, (text, denied)


@pytest.mark.parametrize("language", CLAIM_LANGUAGES)
@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: row.id)
def test_what_copy_denies_is_not_what_data_says(row: ClaimRow, language: str) -> None:
    denied = SAYS[language].format(DENIES[language].format(first_entry(row, language)))
    for other in (language, NEXT[language]):
        data = {"note": f"xx. {first_entry(row, other)}"}
        kept = [c for c in claims(denied, language, **data) if c.verdict == "keep"]
        assert not kept, (denied, data)


def test_one_row_never_vouches_for_another_of_its_table() -> None:
    """Each row against the next one: no two are confused, but for kinds of each other."""
    for row, other in pairwise(CLAIMS):
        related = row.id in with_kinds(frozenset({other.id}))
        text = SAYS["en"].format(first_entry(row, "en"))
        data = first_entry(other, "it")
        kept = [c for c in claims(text, "en", note=data) if c.verdict == "keep"]
        assert related or not kept, (text, data)


# ---- words that only look like claims ----------------------------------------------------

PLAIN = {
    "en": [
        "A dress with a print of sweet roses and a round neck",
        "It stands on the table beside the mirror",
        "Crystal clear water on top",
        "Both sides of the dog bed are soft",
    ],
    "de": [
        "Das Set besteht aus Teilen",
        "Bestimmt ein schönes Geschenk",
        "Wir wollen, dass du lächelst",
        "Der Tisch ist flach und der Stuhl hoch",
        "Ein Waschbär schaut dich an",
        "Die Farbe betont das Gesicht",
        "Kinderleicht im Alltag",
        "Bestens für den Abend",
        "Man sieht das Muster gern",
        "Höchstens am Abend",
        "Jung und frisch",
        "Ein Buch über den Wald",
        "Besteck und Teller liegen bereit",
    ],
    "fr": [
        "Un rayon de soleil sur la table",
        "Peu importe le temps",
        "Il est posé sur la table",
        "De plus en plus beau",
        "Un jouet de bon gré",
        "Une récompense après le jeu",
        "La bague porte une médaille",
        "Le cahier va en prime",
        "À chaque saison sa couleur",
        "Un sac pour le quotidien",
    ],
    "es": [
        "Se trata de un bolso bonito",
        "Justo antes de salir",
        "Está a punto",
        "La parte superior es suave",
        "Con letras en relieve",
        "Más o menos redondo",
        "Sobre la mesa",
        "Un color brillante",
    ],
    "it": [
        "Per ogni occasione",
        "Sei pronta per uscire",
        "Un disegno con cura",
        "Sul tavolo della sala",
        "Sempre più bello",
        "La parte superiore",
        "Sale e pepe sul tavolo",
    ],
}


@pytest.mark.parametrize(
    ("language", "text"),
    [(language, text) for language, texts in PLAIN.items() for text in texts],
)
def test_a_plain_sentence_holds_no_claim(language: str, text: str) -> None:
    listed = {row.code for row in CLAIMS} | {"number"}
    assert [c for c in claims(text, language) if c.code in listed] == []
