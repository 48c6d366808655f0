"""Labels: every language has every word, and a file of one's own is read with care."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import productdesc
from productdesc.render.ui_labels import languages, load_labels, names, read_labels

ENGLISH = load_labels()


@pytest.mark.parametrize("language", languages())
def test_every_file_has_every_key_and_every_name_of_english(language: str) -> None:
    import tomllib
    from importlib.resources import files

    text = (files("productdesc.render") / "labels" / f"{language}.toml").read_text("utf-8")
    groups = tomllib.loads(text)
    own = {
        f"{group}.{key}": text for group, row in groups.items() for key, text in row.items()
    }
    assert own.keys() == ENGLISH.words.keys()
    for key, words in own.items():
        assert names(words) == names(ENGLISH[key]), key
        assert words.strip(), key
    assert own["language.direction"] in ("ltr", "rtl")


def test_the_languages_that_are_promised_are_there() -> None:
    assert languages()[0] == "en" and "de" in languages()


@pytest.mark.parametrize(
    ("tag", "language"),
    [("de", "de"), ("de-AT", "de"), ("DE_ch", "de"), ("pt", "en"), ("", "en"),
     ("../de", "en")],
)  # fmt: skip
def test_a_language_without_a_file_is_shown_in_english(tag: str, language: str) -> None:
    assert load_labels(tag).language == language


def test_words_are_filled_in() -> None:
    german = load_labels("de")
    assert german.fill("card.photo", n=2) == "Foto 2"
    assert german.decimal(0.5) == "0,50" and ENGLISH.decimal(0.5) == "0.50"
    assert german.field("title") == "Titel" and german.field("my_own") == "my own"
    with pytest.raises(KeyError):
        ENGLISH["no.such"]


def test_every_key_that_the_code_asks_for_is_there() -> None:
    code = "".join(
        p.read_text("utf-8")
        for p in (Path(productdesc.__file__).parent / "render").glob("*.py")
    )
    groups = "|".join({key.partition(".")[0] for key in ENGLISH.words} - {"language"})
    keys = set(re.findall(rf'"((?:{groups})\.\w+)"', code))
    assert len(keys) > 10 and keys <= ENGLISH.words.keys()


def test_a_file_of_ones_own_goes_over_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "pt.toml"
    own.write_text('[card]\nphoto = "Foto n.º {n}"\n', "utf-8")
    labels = read_labels(own, "pt")
    assert labels.language == "pt" and labels.fill("card.photo", n=1) == "Foto n.º 1"
    assert labels["card.findings"] == ENGLISH["card.findings"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[card]\nphotoo = 'x'", "card.photoo is no label"),
        ("[card]\nphoto = 'Foto {number}'", r"card.photo may have \['n'\], and is"),
        ("[card]\nphoto = 'Foto {n'", "card.photo may have"),
        ("[card]\nphoto = 'Foto {n.__class__.x}'", "card.photo may have"),
        ("[card]\nphoto = 3", "no file of labels: card.photo is 3, not a text"),
        ("card", "no file of labels"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, text: str, what: str) -> None:
    own = tmp_path / "pt.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=what):
        read_labels(own, "pt")
