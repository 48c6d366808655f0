"""The dictionary knows words of five languages and what is formed of them."""

import pytest

from productdesc.words.dictionary import LANGUAGES, is_word
from productdesc.words.word_forms import word_forms


@pytest.mark.parametrize(
    ("language", "listed"),
    [
        ("en", "dress recognised flatlock crewneck machine-washable hoodies it's Lyocell"),
        ("de", "Kleid Sommerabendkleid Spülmaschine Gönn dunkelblaues Reißverschlüsse"),
        ("fr", "cœur robe élégamment d'aujourd'hui garde-robe confortables"),
        ("es", "vestido puede combínalo elegantísimo lavavajillas"),
        ("it", "vestito abbinalo elegantissimo lavastoviglie dell'estate"),
    ],
)
def test_words_and_their_forms_are_known(language: str, listed: str) -> None:
    parts = [part for word in listed.split() for part in word.split("-")]
    assert [word for word in parts if not is_word(word, language)] == []


@pytest.mark.parametrize("word", ["hatoliex", "comfortabtable", "stylishish", "xqzrt"])
def test_a_word_of_no_language_is_none(word: str) -> None:
    assert not any(is_word(word, language) for language in LANGUAGES)


def test_a_compound_does_not_repeat_what_it_has_just_said() -> None:
    assert is_word("Kleiderschrank", "de")
    assert not is_word("Kleidleidleid", "de")


def test_words_without_accents_or_with_a_typographic_apostrophe_are_the_same() -> None:
    assert is_word("elegant", "fr")
    assert is_word("d’été", "fr")


def test_a_very_long_word_is_not_taken_apart() -> None:
    assert not is_word("sommer" * 20, "de")


def test_the_rows_list_only_what_the_lists_lack_and_every_language_has_one() -> None:
    assert set(word_forms()) == set(LANGUAGES)
