"""Which known name an unknown one was meant to be; and no guess where none is near."""

from __future__ import annotations

import pytest

from productdesc.catalogs.formats import FORMATS
from productdesc.channels import CHANNELS, find_channel
from productdesc.text.languages import ALSO_CALLED, LANGUAGES, meant_language
from productdesc.text.suggest import did_you_mean, nearest

COMMANDS = ["describe", "convert", "inspect", "models", "schema", "taxonomy"]
FIELDS = find_channel("shopify").names


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("descrbe", COMMANDS, "describe"),
        ("DESCRIBE", COMMANDS, "describe"),
        ("desc", COMMANDS, "describe"),
        ("insepct", COMMANDS, "inspect"),
        ("model", COMMANDS, "models"),
        ("jsonll", FORMATS, "jsonl"),
        ("json", FORMATS, "jsonl"),
        ("shopify_csv", FORMATS, "shopify-csv"),
        ("csv-revew", FORMATS, "csv-review"),
        ("xml", FORMATS, "google-xml"),
        ("shopfy", CHANNELS, "shopify"),
        ("Google", CHANNELS, "google"),
        ("woo", CHANNELS, "woocommerce"),
        ("titel", FIELDS, "title"),
        ("seo-title", FIELDS, "seo_title"),
        ("alt", FIELDS, "alt_texts"),
    ],
)
def test_the_nearest_name_is_found(word: str, known: list[str], meant: str) -> None:
    assert nearest(word, known) == meant
    assert did_you_mean(word, known) == f"; did you mean {meant!r}?"


@pytest.mark.parametrize("word", ["", "  ", "x", "shoe.jpg", "list", "help"])
def test_what_is_like_no_name_gets_no_guess(word: str) -> None:
    assert nearest(word, COMMANDS) == did_you_mean(word, COMMANDS) == ""


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("EN", "en"),
        ("en_US", "en"),
        ("de-AT", "de"),
        ("German", "de"),
        ("deutsch", "de"),
        ("Français", "fr"),
        ("francais", "fr"),
        ("jp", "ja"),
        ("cz", "cs"),
        ("no", "nb"),
    ],
)
def test_a_language_is_known_by_name_country_and_region(word: str, code: str) -> None:
    assert meant_language(word) == f"; did you mean {code!r}?"


def test_no_other_name_of_a_language_is_a_code_itself() -> None:
    assert not LANGUAGES.keys() & ALSO_CALLED.keys()
    assert set(ALSO_CALLED.values()) <= LANGUAGES.keys()
