"""A shop described in three languages, published in two, and taken back; on Vendure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from doubles.jobs.looking import TEXTS, LookingEngine
from doubles.publishing.small_shops import PERSON, DiedError, VendureShop, ids

from productdesc import Product, sync
from productdesc.catalogs.vendure import VendureSink, VendureSource
from productdesc.errors import CatalogError, JournalError
from productdesc.pipeline import Outcome

PHOTO = Path(__file__).parents[3] / "examples" / "striped-shoe.jpg"
LANGUAGES = ("en", "de", "fr")
LONG_AGO = datetime(2000, 1, 1)
COUNT = 4


@pytest.fixture
def shop() -> Iterator[VendureShop]:
    with VendureShop(COUNT) as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "job.db"


def products(shop: VendureShop, languages: tuple[str, ...], **more: Any) -> list[Product]:
    """The products as the shop's source reads them, with a photo and a number each."""
    with VendureSource(shop.client(), languages=languages, own=True, **more) as source:
        return [
            one.model_copy(
                update={
                    "photos": (PHOTO,),
                    "attributes": {**one.attributes, "number": one.id},
                }
            )
            for one in source.products()
        ]


def described(
    path: Path,
    shop: VendureShop,
    engine: LookingEngine,
    languages: tuple[str, ...] = LANGUAGES,
    **more: Any,
) -> list[Outcome]:
    """A pass over the shop, as a nightly run makes it; all drafts are approved."""
    fields = more.pop("fields", ["description"])
    with sync.Journal(path) as journal:
        needs = {one: shop.sink(language=one, **more).needs for one in languages}
        outcomes = [
            *sync.run(
                journal,
                products(shop, languages, **more),
                engine,
                needs=needs,
                channel="vendure",
                fields=fields,
                languages=[*languages],
                inferred="all",
            )
        ]
        for language in languages:
            sync.approve(journal, "state:generated", who="tester", language=language)
    return outcomes


def publish(path: Path, shop: VendureShop, language: str, **more: Any) -> list[Any]:
    with (
        sync.Journal(path) as journal,
        shop.sink(language=language, apply=True, **more) as sink,
    ):
        return [*sync.publish(journal, sink)]


def undo(path: Path, shop: VendureShop, language: str, **more: Any) -> list[Any]:
    with (
        sync.Journal(path) as journal,
        shop.sink(language=language, apply=True, **more) as sink,
    ):
        return [*sync.undo(journal, sink, LONG_AGO)]


def states(path: Path, language: str) -> dict[str, int]:
    with sync.Journal(path) as journal:
        found = sync.job_status(journal, language=language).states
    return {state: number for state, number in found.items() if number}


def body(shop: VendureShop, key: str, language: str) -> str:
    return str(shop.state.texts(key, language)["description"])


def ours(language: str) -> str:
    return f"<p>{TEXTS[language]['description']}</p>"


# ---- done when ---------------------------------------------------------------------------


def test_fifty_products_in_three_languages_are_published_in_two(path: Path) -> None:
    engine = LookingEngine()
    with VendureShop(50) as shop:
        first = shop.texts()
        described(path, shop, engine)
        assert engine.looks == 50
        assert set(engine.written.values()) == {1}
        assert len(engine.written) == 150
        with sync.Journal(path) as journal:
            [[rows]] = journal.database.rows("SELECT count(*) FROM rows")
        assert rows == 150
        edited = shop.state.texts("7", "de")
        edited["description"] = PERSON
        for language in ("en", "de"):
            publish(path, shop, language)
        drifted = {"en": {}, "de": {"drift": 1}}
        for language, drift in drifted.items():
            assert states(path, language) == {"done": 50 - len(drift), **drift}
        assert states(path, "fr") == {"approved": 50}
        for key in shop.state.products:
            assert body(shop, key, "en") == ours("en")
            assert body(shop, key, "de") == (PERSON if key == "7" else ours("de"))
        read = products(shop, ("en", "de"))
        assert {one.description for one in read} == {TEXTS["en"]["description"]}
        for language in ("de", "en"):
            assert {one.state for one in undo(path, shop, language)} == {"undone"}
        first["7"]["translations"][1]["description"] = PERSON
        assert shop.texts() == first


# ---- nights ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "published",
    [(("en", "de"), (), ()), (("en",), ("de",), ()), (("de",), ("en",), ()), ((), ("en",))],
)
def test_what_we_published_makes_nothing_stale_night_after_night(
    shop: VendureShop, path: Path, published: tuple[tuple[str, ...], ...]
) -> None:
    engine = LookingEngine()
    for night, languages in enumerate(published):
        outcomes = described(path, shop, engine)
        assert len(outcomes) == (0 if night else COUNT * len(LANGUAGES))
        for language in languages:
            assert ids(publish(path, shop, language), "done") == {*shop.state.products}
    assert described(path, shop, engine) == []
    assert engine.looks == COUNT
    assert set(engine.written.values()) == {1}
    for language in {*sum(published, ())}:
        assert states(path, language) == {"done": COUNT}


def test_a_language_that_is_added_after_publishing_is_written_from_the_former_texts(
    shop: VendureShop, path: Path
) -> None:
    described(path, shop, LookingEngine(), ("en",))
    publish(path, shop, "en")
    engine = LookingEngine()
    described(path, shop, engine, ("en", "de"))
    assert engine.written == {(key, "de"): 1 for key in shop.state.products}
    with sync.Journal(path) as journal:
        found = journal.database.rows("SELECT product FROM rows WHERE language = 'de'")
    assert all(TEXTS["en"]["description"] not in str(text) for [text] in found)
    publish(path, shop, "de")
    assert described(path, shop, LookingEngine(), ("en", "de")) == []
    assert states(path, "de") == {"done": COUNT}


def test_a_name_of_another_language_that_stood_in_for_a_title_makes_nothing_stale(
    path: Path,
) -> None:
    with VendureShop(2) as shop:
        shop.state.products["2"]["translations"].pop()  # it has an English name alone
        engine = LookingEngine()
        how: Any = {"fields": ["title", "description"]}
        for languages in (("de", "en"), (), ("de", "en")):
            described(path, shop, engine, ("de", "en", "fr"), **how)
            for language in languages:
                publish(path, shop, language)
        assert set(engine.written.values()) == {1}
        assert states(path, "de") == states(path, "en") == {"done": 2}


def test_a_title_that_the_merchant_changes_makes_every_language_stale(
    shop: VendureShop, path: Path
) -> None:
    described(path, shop, LookingEngine())
    publish(path, shop, "en")
    shop.state.texts("2")["name"] = "A mug of another name"
    engine = LookingEngine()
    described(path, shop, engine)
    assert {number for number, _ in engine.written} == {"2"}
    assert ("2", "de") in engine.written
    assert states(path, "en") == {"done": COUNT - 1, "unchanged": 1}


# ---- one language alone ------------------------------------------------------------------


def test_an_edit_in_one_language_is_drift_in_it_alone(
    shop: VendureShop, path: Path
) -> None:
    described(path, shop, LookingEngine())
    shop.state.texts("1", "de")["description"] = PERSON
    shop.state.texts("2", "en")["description"] = PERSON
    assert ids(publish(path, shop, "en"), "drift") == {"2"}
    assert ids(publish(path, shop, "de"), "drift") == {"1"}
    assert body(shop, "1", "de") == body(shop, "2", "en") == PERSON


def test_texts_of_a_language_that_the_shop_had_not_are_made_and_emptied_again(
    path: Path,
) -> None:
    with VendureShop(2) as shop:
        made = shop.state.products["2"]["translations"].pop()
        assert made["languageCode"] == "de"
        first = shop.texts()
        how: Any = {"fields": ["title", "description"]}
        described(path, shop, LookingEngine(), ("en", "de"), **how)
        assert ids(publish(path, shop, "de"), "done") == {"1", "2"}
        assert shop.state.texts("2", "de")["name"]
        assert shop.state.texts("2", "en") == first["2"]["translations"][0]
        outcomes = undo(path, shop, "de")
        assert {one.state for one in outcomes} == {"undone"}
        assert shop.texts()["1"] == first["1"]
        left = shop.state.texts("2", "de")
        assert (left["name"], left["description"]) == ("", "")


def test_what_a_dead_process_left_in_doubt_in_another_language_is_waited_for_and_left(
    shop: VendureShop, path: Path
) -> None:
    described(path, shop, LookingEngine())
    shop.fault(shop.late)
    shop.dies = 1
    with pytest.raises(DiedError):
        publish(path, shop, "de")
    assert states(path, "de") == {"intent": COUNT}
    assert ids(publish(path, shop, "en"), "done") == {*shop.state.products}
    assert max(shop.slept) > 29, "it lands before anything is written"
    assert states(path, "de") == {"intent": COUNT}
    assert ids(publish(path, shop, "de"), "done") == {*shop.state.products}
    assert Counter(shop.audit()) == {(key, "change"): 2 for key in shop.state.products}, (
        "once for each language"
    )
    assert described(path, shop, LookingEngine()) == []


def test_the_job_of_the_sinks_own_language_is_meant(shop: VendureShop, path: Path) -> None:
    described(path, shop, LookingEngine())
    with (
        sync.Journal(path) as journal,
        shop.sink(apply=True) as sink,
        pytest.raises(JournalError, match="holds several jobs"),
    ):
        sync.publish(journal, sink)
    assert ids(publish(path, shop, "de"), "done") == {*shop.state.products}
    assert states(path, "en") == {"approved": COUNT}


# ---- what a shop holds -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("types", "filled"),
    [
        (("localeString", "localeText"), ("en", "de")),
        (("string", "text"), ("en",)),
    ],
)
def test_seo_texts_of_each_language_and_such_as_all_share(
    path: Path, types: tuple[str, str], filled: tuple[str, ...]
) -> None:
    fields = dict(zip(("seoTitle", "seoDescription"), types, strict=True))
    with VendureShop(2, fields=fields) as shop:
        engine = LookingEngine()
        how: Any = {"seo": "custom-fields"}
        names = ["description", "seo_title", "seo_description"]
        described(path, shop, engine, ("en", "de"), fields=names, **how)
        for language in ("en", "de"):
            assert ids(publish(path, shop, language, **how), "done") == {"1", "2"}
        again = described(path, shop, engine, ("en", "de"), fields=names, **how)
        assert again == []
        assert set(engine.written.values()) == {1}
        own = [
            one for one in ("en", "de")
            if shop.state.texts("1", one)["customFields"].get("seoTitle")
        ]  # fmt: skip
        assert own == ([*filled] if len(filled) == 2 else [])
        assert bool(shop.state.products["1"]["customFields"]) == (len(filled) == 1)


def test_a_source_gives_what_the_shop_has_in_each_language(shop: VendureShop) -> None:
    shop.state.texts("1", "de")["description"] = "<p>Eine <b>Tasse</b>.</p>"
    [first, *_] = products(shop, LANGUAGES)
    assert first.title == "Mug 1"
    assert {k: (v.title, v.description) for k, v in first.translations.items()} == {
        "de": ("Tasse 1", "Eine Tasse."), "fr": ("", ""),
    }  # fmt: skip
    [german, *_] = products(shop, ("de", "en"))
    assert (german.title, german.translations["en"].title) == ("Tasse 1", "Mug 1")
    [alone, *_] = products(shop, ("de",))
    assert (alone.title, alone.translations) == ("Tasse 1", {})
    with pytest.raises(CatalogError, match="no language 'fr'"):
        products(shop, ("fr", "en"))
    with pytest.raises(ValueError, match="either language= or languages="):
        VendureSource(shop.client(), language="de", languages=["en"])


def test_a_sink_says_which_languages_its_shop_has(shop: VendureShop) -> None:
    assert VendureSink(shop.client(), language="de").languages() == ("en", "de")
