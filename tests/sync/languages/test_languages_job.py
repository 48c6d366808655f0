"""A job in several languages: a row for each, one look at a product, nothing paid twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Event
from typing import Any, ClassVar

import pytest
from doubles.jobs.looking import TEXTS, LookingEngine
from pydantic import BaseModel, Field, field_validator

from productdesc import Product, ScriptedEngine, sync
from productdesc.engines import Answer, Request, Settings
from productdesc.errors import JournalError
from productdesc.pipeline import Described, Failed, Outcome
from productdesc.records import Translation

PHOTO = Path(__file__).parents[3] / "examples" / "striped-shoe.jpg"
LANGUAGES = ("en", "de", "fr")
TITLES = {language: texts["title"] for language, texts in TEXTS.items()}


def product(number: int, **more: Any) -> Product:
    values: dict[str, Any] = {"title": f"Thing {number}", "photos": [PHOTO], **more}
    return Product(id=f"p{number}", attributes={"number": str(number)}, **values)


def run(
    journal: sync.Journal,
    products: Iterable[Product] | None,
    engine: ScriptedEngine,
    languages: Sequence[str] = LANGUAGES,
    **options: Any,
) -> list[Outcome]:
    how: Any = {"channel": "plain", "fields": ["title"], "languages": [*languages]}
    if len(languages) == 1:
        how["language"] = how.pop("languages")[0]
    return [*sync.run(journal, products, engine, **{**how, **options})]


def states(journal: sync.Journal, language: str) -> dict[str, int]:
    found = sync.job_status(journal, "plain", language).states
    return {state: number for state, number in found.items() if number}


@pytest.fixture
def journal(tmp_path: Path) -> Any:
    with sync.Journal(tmp_path / "job.db") as made:
        yield made


def rows(journal: sync.Journal, columns: str = "product_id, language, state") -> Any:
    return journal.database.rows(f"SELECT {columns} FROM rows ORDER BY product_id, id")


# ---- one look ----------------------------------------------------------------------------


def test_fifty_products_are_looked_at_once_and_have_a_row_in_each_of_three_languages(
    journal: sync.Journal,
) -> None:
    engine = LookingEngine()
    outcomes = run(journal, map(product, range(50)), engine)
    assert engine.looks == 50
    assert engine.written == {(str(n), one): 1 for n in range(50) for one in LANGUAGES}
    assert len(rows(journal)) == len(outcomes) == 150
    for language in LANGUAGES:
        assert states(journal, language) == {"generated": 50}
        found = [row.description for row in journal.rows("plain", language)]
        assert {(d.language, d.title) for d in found if d} == {(language, TITLES[language])}
    assert run(journal, map(product, range(50)), engine) == []
    assert engine.looks == 50


def test_the_first_language_has_what_a_job_in_it_alone_has(tmp_path: Path) -> None:
    own = Translation(title="Ding", description="Ein Ding.")
    translated = [product(n, translations={"de": own}) for n in range(3)]
    columns = "product_id, language, state, product, product_digest, fields, key"
    with sync.Journal(tmp_path / "several.db") as journal:
        run(journal, translated, LookingEngine(), ("en", "de"))
        first = [row for row in rows(journal, columns) if row[1] == "en"]
        options = journal.database.rows("SELECT options FROM runs WHERE language = 'en'")
    with sync.Journal(tmp_path / "alone.db") as alone:
        plain = [product(n) for n in range(3)]
        run(alone, plain, LookingEngine(), ("en",))
        assert rows(alone, columns) == first
        assert alone.database.rows("SELECT options FROM runs") == options


def test_a_language_that_is_added_later_is_described_alone(journal: sync.Journal) -> None:
    engine = LookingEngine()
    run(journal, map(product, range(3)), engine, ("en",))
    outcomes = run(journal, map(product, range(3)), engine, ("en", "de"))
    assert {one.description.language for one in outcomes if isinstance(one, Described)} == {
        "de"
    }
    assert len(outcomes) == 3
    assert set(engine.written.values()) == {1}
    assert engine.looks == 6, "photos are looked at again for it"


def test_only_the_languages_that_wait_are_written(journal: sync.Journal) -> None:
    engine = LookingEngine()
    run(journal, map(product, range(4)), engine, ("de",))
    run(journal, map(product, range(4)), engine)
    assert engine.written == {(str(n), one): 1 for n in range(4) for one in LANGUAGES}
    assert engine.looks == 8


def test_needs_are_asked_for_each_language(journal: sync.Journal) -> None:
    full = Translation(title="Schon da")
    given = [product(1, translations={"de": full, "fr": Translation()})]
    seen: list[tuple[str, str]] = []

    def needs(language: str) -> Callable[[Product], frozenset[str]]:
        def of(one: Product) -> frozenset[str]:
            seen.append((language, one.title))
            return frozenset() if one.title == "Schon da" else frozenset({"title"})

        return of

    by_language = {language: needs(language) for language in LANGUAGES}
    outcomes = run(journal, given, LookingEngine(), needs=by_language)
    assert seen == [("en", "Thing 1"), ("de", "Schon da"), ("fr", "")]
    assert states(journal, "de") == {"unchanged": 1}
    assert [one.description.language for one in outcomes if isinstance(one, Described)] == [
        "en", "fr",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="needs has no function for 'it'"):
        run(journal, given, LookingEngine(), ("en", "it"), needs=by_language)


def test_one_function_of_needs_is_asked_of_the_copy_in_each_language(
    journal: sync.Journal,
) -> None:
    given = [product(1, title="", translations={"de": Translation(title="Schon da")})]

    def needs(one: Product) -> frozenset[str]:
        return frozenset() if one.title else frozenset({"title"})

    run(journal, given, LookingEngine(), ("en", "de"), needs=needs)
    assert rows(journal) == [("p1", "en", "generated"), ("p1", "de", "unchanged")]


# ---- what it costs -----------------------------------------------------------------------


class BillingEngine(LookingEngine):
    """Counts a hundred tokens for each look, and ten for each answer."""

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        answers = super().generate(requests, settings)
        return [Answer(a.text, a.finish, 10, a.context) for a in answers]


def test_the_look_is_paid_for_once(journal: sync.Journal) -> None:
    run(journal, [product(1)], BillingEngine())
    tokens = {one: sync.job_status(journal, "plain", one) for one in LANGUAGES}
    assert [tokens[one].written_tokens for one in LANGUAGES] == [20, 10, 10]
    seconds = journal.database.rows("SELECT seconds > 0 FROM drafts ORDER BY id")
    assert seconds == [(1,), (0,), (0,)]


def test_an_estimate_counts_products_and_pays_for_all_their_languages(
    journal: sync.Journal,
) -> None:
    how: Any = {"channel": "plain", "fields": ["title"], "languages": [*LANGUAGES]}
    engine = BillingEngine()
    found = sync.estimate(journal, map(product, range(30)), engine, sample=10, **how)
    assert (found.left, found.sampled, found.failed) == (20, 10, 0)
    assert found.written_tokens.low <= 20 * 40 <= found.written_tokens.high
    assert engine.looks == 10
    assert states(journal, "fr") == {"generated": 10, "new": 20}
    run(journal, None, engine)
    assert engine.looks == 30
    assert set(engine.written.values()) == {1}


def test_a_limit_is_of_products(journal: sync.Journal) -> None:
    outcomes = run(journal, map(product, range(9)), LookingEngine(), limit=2)
    assert len(outcomes) == len(rows(journal)) == 6


# ---- what fails --------------------------------------------------------------------------


def test_what_fails_fails_in_each_language_and_is_tried_again_once(
    journal: sync.Journal, tmp_path: Path
) -> None:
    given = [product(1), product(2, photos=[tmp_path / "none.jpg"])]
    outcomes = run(journal, given, LookingEngine())
    failed = [(one.product.id, one.language) for one in outcomes if isinstance(one, Failed)]
    assert failed == [("p2", one) for one in LANGUAGES]
    assert all(states(journal, one) == {"generated": 1, "dead": 1} for one in LANGUAGES)
    engine = LookingEngine()
    how: Any = {"channel": "plain", "fields": ["title"], "languages": [*LANGUAGES]}
    again = [*sync.retry(journal, engine, **how)]
    assert [one.language for one in again if isinstance(one, Failed)] == [*LANGUAGES]
    assert rows(journal, "attempts")[3:] == [(2,), (2,), (2,)]
    (tmp_path / "none.jpg").write_bytes(PHOTO.read_bytes())
    again = [*sync.retry(journal, engine, **{**how, "languages": ["de", "fr"]})]
    assert engine.written == {("2", "de"): 1, ("2", "fr"): 1}
    assert engine.looks == 1
    assert states(journal, "en") == {"generated": 1, "dead": 1}


class Label(BaseModel):
    """A schema of one's own, which for a while refuses a text."""

    title: str = Field(max_length=80)
    refused: ClassVar[str] = TITLES["de"]

    @field_validator("title")
    @classmethod
    def _check(cls, value: str) -> str:
        if value == cls.refused:
            raise ValueError("not yet")
        return value


def test_a_language_that_fails_alone_is_tried_again_alone(journal: sync.Journal) -> None:
    engine = LookingEngine()
    how: Any = {"channel": "plain", "schema": Label, "languages": [*LANGUAGES]}
    outcomes = [*sync.run(journal, [product(1)], engine, **how)]
    assert [one.language for one in outcomes if isinstance(one, Failed)] == ["de"]
    found = {language: state for _, language, state in rows(journal)}
    assert found == {"en": "generated", "de": "dead", "fr": "generated"}
    tokens = journal.database.rows("SELECT language FROM drafts JOIN rows ON rows.id = row")
    assert tokens == [("en",), ("fr",)]
    Label.refused = ""
    try:
        [again] = sync.retry(journal, engine, **how)
    finally:
        Label.refused = TITLES["de"]
    assert isinstance(again, Described)
    assert again.description.language == "de"
    assert engine.looks == 2


def test_a_stop_leaves_whole_products(journal: sync.Journal) -> None:
    stop = Event()

    def before(number: str, language: str) -> None:
        if number == "3":
            stop.set()

    engine = LookingEngine(before)
    run(journal, map(product, range(12)), engine, stop=stop, batch_size=2)
    done = {one: states(journal, one).get("generated", 0) for one in LANGUAGES}
    assert len({*done.values()}) == 1
    assert 0 < done["en"] < 12
    engine = LookingEngine()
    run(journal, map(product, range(12)), engine)
    assert engine.looks == 12 - done["en"]
    assert all(states(journal, one) == {"generated": 12} for one in LANGUAGES)


# ---- drafts that stand already -----------------------------------------------------------


def test_drafts_of_another_journal_are_taken_language_by_language(tmp_path: Path) -> None:
    engine = LookingEngine()
    plain = [product(n, photos=[]) for n in range(3)]
    with sync.Journal(tmp_path / "old.db") as old:
        run(old, plain, engine, ("en", "fr"))
        with sync.Journal(tmp_path / "new.db") as new:
            engine.written.clear()
            run(new, plain, engine, reuse=[old])
            assert engine.written == {(str(n), "de"): 1 for n in range(3)}
            assert sync.job_status(new, "plain", "fr").reused == 3
            assert all(states(new, one) == {"generated": 3} for one in LANGUAGES)


def test_what_is_asked_again_in_one_language_is_answered_in_it_alone(
    journal: sync.Journal,
) -> None:
    engine = LookingEngine()
    run(journal, map(product, range(2)), engine)
    with sync.JournalDesk(journal, channel="plain", language="de") as desk:
        item = desk.look("p1")
        desk.ask_again("p1", item.digest, who="Ada", note="shorter")
    engine.written.clear()
    run(journal, map(product, range(2)), engine)
    assert engine.written == {("1", "de"): 1}
    assert engine.looks == 3
    assert all(states(journal, one) == {"generated": 2} for one in LANGUAGES)


def test_a_wish_does_not_hold_up_or_change_the_other_languages(
    journal: sync.Journal,
) -> None:
    engine = LookingEngine()
    run(journal, [product(1)], engine, ("en", "de"))
    with sync.JournalDesk(journal, channel="plain", language="en") as desk:
        desk.ask_again("p1", desk.look("p1").digest, who="Ada")
    engine.written.clear()
    run(journal, [product(1)], engine)
    assert engine.written == {("1", "en"): 1, ("1", "fr"): 1}


# ---- what the shop changed ---------------------------------------------------------------


def test_a_changed_translation_makes_its_own_row_stale_and_no_other(
    journal: sync.Journal,
) -> None:
    def given(title: str) -> list[Product]:
        return [product(1, translations={"de": Translation(title=title)})]

    engine = LookingEngine()
    run(journal, given("Ding"), engine, ("en", "de"))
    run(journal, given("Anderes Ding"), engine, ("en", "de"))
    assert engine.written == {("1", "en"): 1, ("1", "de"): 2}


def test_a_changed_first_text_makes_every_row_stale(journal: sync.Journal) -> None:
    engine = LookingEngine()
    run(journal, [product(1)], engine)
    run(journal, [product(1, title="Another")], engine)
    assert engine.written == {("1", one): 2 for one in LANGUAGES}
    assert engine.looks == 2


def test_what_is_gone_or_repeated_is_told_of_each_language(journal: sync.Journal) -> None:
    run(journal, map(product, range(4)), LookingEngine(), ("en", "de"))
    run(journal, [*map(product, range(3)), product(1)], LookingEngine(), ("en", "de"))
    for language in ("en", "de"):
        job = sync.job_status(journal, "plain", language)
        assert (job.gone, job.repeated) == (1, 1)
        assert len([*journal.rows("plain", language, seen_only=True)]) == 3
    run(journal, map(product, range(4)), LookingEngine(), ("de",))
    assert sync.job_status(journal, "plain", "en").gone is None
    assert sync.job_status(journal, "plain", "de").gone == 0


def test_a_page_of_changes_shows_the_copy_of_its_language(journal: sync.Journal) -> None:
    own = {"de": Translation(title="Altes Ding")}
    run(journal, [product(1, title="Old thing", translations=own)], LookingEngine())
    page = "".join(sync.diff(journal, "plain", "de"))
    assert "Altes" in page
    assert "Old" not in page
    with sync.JournalDesk(journal, channel="plain", language="de") as desk:
        assert desk.look("p1").present["title"] == "Altes Ding"


def test_only_one_job_is_meant_where_one_is_asked_for(journal: sync.Journal) -> None:
    run(journal, [product(1)], LookingEngine())
    assert sync.job_scopes(journal) == [("plain", one) for one in sorted(LANGUAGES)]
    assert sync.job_scopes(journal, language="de") == [("plain", "de")]
    with pytest.raises(JournalError, match="holds several jobs"):
        sync.job_status(journal)
    with pytest.raises(JournalError, match="has no such job"):
        sync.job_scopes(journal, language="it")
