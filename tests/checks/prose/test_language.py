"""In which language a text is: nine foreign texts of ten are found, and no real one."""

from __future__ import annotations

import random
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from productdesc.catalogs import open_source
from productdesc.checks import CheckedText, CheckLimits
from productdesc.checks.check import check
from productdesc.checks.policy import LIMITS
from productdesc.checks.prose.language import RELATIVES, TESTED, Judged
from productdesc.checks.prose.sentences import sentences
from productdesc.errors import CatalogError
from productdesc.records import Facts, Product
from productdesc.words.tokens import forms_of_text

FOREIGN: Mapping[str, list[str]] = tomllib.loads(
    (Path(__file__).parents[2] / "data" / "foreign_texts.toml").read_text("utf-8")
)
GERMAN = "Eine weiche Jacke, die auf langen Wegen den Wind abhält."
ENGLISH = "A soft jacket that keeps the wind out on long walks."


def other(text: str, language: str, own: frozenset[str] = frozenset()) -> str | None:
    return Judged([], language, own, LIMITS).other_language(text)


def checked(product: Product, language: str, **texts: str | tuple[str, ...]) -> CheckedText:
    return check(
        texts,
        product=product,
        facts=Facts(category="other product"),
        measured=(),
        language=language,
        prompts=(),
    )


def wrong(result: CheckedText) -> list[str]:
    return [f.field for f in result.findings if f.code == "wrong-language"]


def test_there_are_a_hundred_texts_in_thirty_languages() -> None:
    assert sum(map(len, FOREIGN.values())) == 100 and len(FOREIGN) >= 30


@pytest.mark.parametrize("asked", TESTED)
def test_nine_foreign_texts_of_ten_are_found(asked: str) -> None:
    texts = [t for code, some in FOREIGN.items() if code != asked for t in some]
    long = [t for t in texts if sum(map(str.isalpha, t)) >= LIMITS.language_letters]
    found = [text for text in long if other(text, asked)]
    assert len(found) >= 0.97 * len(long) and len(long) >= 80


def test_no_text_is_in_another_language_than_its_own() -> None:
    alarms = [(c, t) for c, some in FOREIGN.items() for t in some if other(t, c)]
    assert alarms == []


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        (GERMAN, "en", "de"),
        (ENGLISH, "de", "en"),
        (GERMAN, "de", None),
        (GERMAN.upper(), "de", None),
        ("Dishwasher safe", "en", None),
        ("Red mug", "en", None),
        ("Lederjacke", "en", None),
        ("Chaussures blue casual sneaker", "en", None),
        ("En myk jakke som holder vinden ute på lange turer.", "da", None),
        ("En blød jakke, der holder vinden ude på lange ture.", "nb", None),
        ("En myk jakke som holder vinden ute på lange turer.", "sv", "nb"),
        ("4711-0815 XK-220 12345 67890 13579 24680 98765", "en", None),
        (GERMAN, "xx", None),
        ("", "en", None),
    ],
)
def test_the_verdict_is_silent_when_unsure(
    text: str, language: str, found: str | None
) -> None:
    assert other(text, language) == found


def test_every_relative_is_a_label_of_the_model_and_stands_with_its_own() -> None:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    labels = set(LanguageIdentifier.from_model_file(MODEL_FILE).labels)
    for language, listed in RELATIVES.items():
        assert set(listed.split()) <= labels
        assert language in (*listed.split(), "nb")


def test_words_of_the_data_and_of_the_photos_lettering_say_nothing() -> None:
    assert other(GERMAN, "en", frozenset(forms_of_text(GERMAN))) is None
    brand = "Weicher Wanderfreund Windabhalter der Bergwelt"
    product = Product(attributes={"brand": brand})
    assert wrong(checked(product, "en", title=brand, description=ENGLISH)) == []
    assert wrong(checked(Product(), "en", description=brand)) == ["description"]


def test_the_merchants_own_text_is_no_finding() -> None:
    product = Product(description=GERMAN)
    assert wrong(checked(product, "en", description=GERMAN)) == []


def test_each_field_is_told_and_short_ones_are_judged_together() -> None:
    result = checked(
        Product(),
        "en",
        title="Weiche Jacke",
        description=GERMAN,
        bullets=("Mit Kapuze", "Für lange Wege"),
        tags=("wandern", "weich"),
    )
    assert sorted(wrong(result)) == ["bullets", "description", "tags", "title"]
    assert '"de" (German), not in "en"' in result.findings[0].message
    assert wrong(checked(Product(), "en", title="Weiche Jacke")) == []
    mixed = checked(Product(), "en", title="Soft jacket", description=GERMAN)
    assert wrong(mixed) == ["description"]


@pytest.mark.parametrize("language", ["sv", "pl", "nl"])
def test_a_language_without_tables_is_told_once(language: str) -> None:
    result = checked(Product(), language, title="Jacka", description="Mjuk.", tags=("a",))
    [finding] = [f for f in result.findings if f.code == "language-untested"]
    assert finding.severity == "note" and "English, German" in finding.message
    for tested in TESTED:
        assert not checked(Product(), f"{tested}-AT", title="x").findings


def test_the_model_is_loaded_by_the_first_text_and_not_by_an_import() -> None:
    code = (
        "import sys, productdesc\n"
        "from productdesc.checks.check import check\n"
        "print('py3langid' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout == "False\n", run.stderr


def test_threads_share_one_model_and_get_the_same_verdicts() -> None:
    texts = [text for some in FOREIGN.values() for text in some]
    alone = [other(text, "en") for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: other(text, "en"), texts * 5)) == alone * 5


def test_a_long_text_is_judged_by_its_beginning() -> None:
    limits = CheckLimits(language_read=len(ENGLISH))
    judged = Judged([], "en", frozenset(), limits)
    assert judged.other_language(ENGLISH + GERMAN * 1000) is None


def real(folder: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """Titles, texts and sentences of real English catalogues, with their data's words."""
    for path in sorted(folder.glob("catalogs/*/**/*.[ctx][sm][vl]")):
        try:
            with open_source(path) as source:
                products = list(source.products())
        except CatalogError:
            continue
        for product in products:
            values = (product.title, *product.attributes.values())
            own = frozenset(form for text in values for form in forms_of_text(text))
            yield product.title, frozenset()
            text = product.words
            yield from ((text[a:b], own) for a, b in sentences(text))


def test_of_the_real_texts_none_is_in_another_language(root: Path) -> None:
    folder = root.parent / "shared"
    if not (folder / "catalogs").is_dir():
        pytest.skip("the real catalogues (../shared/catalogs) are not on this machine")
    texts = sorted(dict(real(folder)).items())
    random.Random(22).shuffle(texts)
    told = [(text, other(text, "en", own)) for text, own in texts]
    # placeholders of shop software are Latin, and that they are no English is right
    assert [row for row in told if row[1] not in (None, "la")] == []
    assert len(texts) > 900
