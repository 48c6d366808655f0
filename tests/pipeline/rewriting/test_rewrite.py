"""Rewriting: no fact of a merchant's text is lost without a word, in five languages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from doubles.pictures import picture
from doubles.rewriting.thin_texts import ABROAD, THIN, Copy, Thin
from doubles.rewriting.writers import FIELDS, lost, parted, rewritten, texts_of, writer

from productdesc import Product, ScriptedEngine, Style, describe, describe_many
from productdesc.checks.facts.lost_facts import REWRITE_LIMITS
from productdesc.engines import EngineInfo
from productdesc.engines.scripted import shortest
from productdesc.records import Description, Present

NAMES = [f"{one.language} {one.title}" for one in THIN]
each = pytest.mark.parametrize("thin", THIN, ids=NAMES)


def as_texts(copy: Copy) -> dict[str, Any]:
    return dict(texts_of(copy.title, [copy.description], copy.bullets))


def told(description: Description, code: str = "lost-fact") -> list[str]:
    return [one.message for one in description.findings if one.code == code]


# ---- facts that are kept, dropped, changed ----------------------------------------------


@each
def test_a_whole_rewrite_loses_nothing(thin: Thin) -> None:
    made, _ = rewritten(thin.product, thin.language, as_texts(thin.whole))
    assert lost(made) == []
    assert made.description == thin.whole.description


@each
def test_each_sentence_that_is_dropped_is_reported(thin: Thin) -> None:
    sentences = parted(thin.description)
    for n, gone in enumerate(sentences):
        rest = [*sentences[:n], *sentences[n + 1 :]]
        texts = texts_of(thin.title, rest, thin.bullets)
        made, _ = rewritten(thin.product, thin.language, texts)
        assert lost(made), gone
        assert all(one in gone for one in lost(made))


@each
def test_the_shop_s_bullets_are_part_of_its_text(thin: Thin) -> None:
    kept, _ = rewritten(
        thin.product,
        thin.language,
        texts_of(thin.title, [thin.description], thin.bullets),
    )
    assert lost(kept) == [] and set(thin.bullets) <= set(kept.bullets)
    if thin.bullets:
        without = texts_of(thin.title, [thin.description])
        made, _ = rewritten(thin.product, thin.language, without)
        assert lost(made), "its bullet was dropped"


@each
def test_a_fact_that_is_changed_is_reported_and_the_false_one_goes(thin: Thin) -> None:
    true, false = thin.changed
    assert true in thin.description
    texts = texts_of(thin.title, [thin.description.replace(true, false)], thin.bullets)
    made, _ = rewritten(thin.product, thin.language, texts)
    assert any(true in one or one in true for one in lost(made))
    assert false not in made.description


def test_a_colour_that_is_changed_goes_where_a_photo_shows_it_and_else_is_reported() -> (
    None
):
    boots = Product(
        id="boots",
        title="Gummistiefel",
        description="Rote Stiefel, Größe 24.",
        photos=[picture("#c01818", background="#ffffff")],
    )
    texts = texts_of("Gummistiefel", ["Grüne Stiefel.", "Größe 24."])
    made, _ = rewritten(boots, "de", texts)
    assert "Grüne" not in made.description
    assert lost(made) == [] and made.attributes["colour"] == "rot"  # so it is not lost
    made, _ = rewritten(boots.model_copy(update={"photos": ()}), "de", texts)
    assert lost(made) == ["Rote"]


@pytest.mark.parametrize(("thin", "language", "copy"), ABROAD)
def test_copy_in_another_language_keeps_what_can_be_compared(
    thin: Thin, language: str, copy: Copy
) -> None:
    made, _ = rewritten(thin.product, language, as_texts(copy))
    assert lost(made) == []
    other = copy.description.replace("80%", "60%").replace("Portugal", "Spanien")
    other = other.replace("20 litri", "30 litri")
    assert other != copy.description
    made, _ = rewritten(thin.product, language, texts_of(copy.title, [other], copy.bullets))
    assert lost(made)


Checker = Callable[[Thin, Sequence[str]], Sequence[str]]


def ours(thin: Thin, sentences: Sequence[str]) -> Sequence[str]:
    texts = texts_of(thin.title, sentences, thin.bullets)
    return lost(rewritten(thin.product, thin.language, texts)[0])


def right(check: Checker) -> int:
    """How many texts a checker gets wholly right: all kept, and each one that is lost."""
    number = 0
    for thin in THIN:
        whole = parted(thin.description)
        drops = [[*whole[:n], *whole[n + 1 :]] for n in range(len(whole))]
        is_right = not check(thin, whole) and all(check(thin, rest) for rest in drops)
        number += is_right
    return number


def test_a_checker_that_reports_nothing_or_all_is_right_of_none() -> None:
    assert right(ours) == len(THIN)
    assert right(lambda thin, sentences: ()) == 0
    assert right(lambda thin, sentences: ("x",)) == 0


# ---- what a finding says ----------------------------------------------------------

MUG = Product(
    id="mug",
    title="Mug Aalto",
    description="A mug of stoneware. Holds 350 ml. Call us at 0800 123 4567.",
)


def test_a_finding_names_the_fact_its_sentence_and_what_to_do() -> None:
    made, _ = rewritten(
        MUG.model_copy(update={"description": "A stoneware mug that holds 350 ml."}),
        "en",
        texts_of("Mug Aalto", ["A stoneware mug that holds tea."]),
    )
    [one, *_] = [f for f in made.findings if f.code == "lost-fact"]
    assert (one.severity, one.field, one.value) == ("warning", "description", "350 ml")
    assert one.message == (
        'your description says "350 ml" (in "A stoneware mug that holds 350 ml."), '
        "and the new copy does not; write it in, or approve the copy without it"
    )


def test_what_no_copy_may_repeat_is_reported_with_the_reason() -> None:
    made, _ = rewritten(MUG, "en", texts_of("Mug Aalto", [MUG.description]))
    [message] = told(made)
    assert "0800 123 4567" in message and 'the check "contact" took it out' in message
    without = MUG.description.partition(" Call")[0]
    made, _ = rewritten(MUG, "en", texts_of("Mug Aalto", [without]))
    [message] = told(made)
    assert "0800 123 4567" in message and "copy holds no contact data" in message


def test_what_the_checks_took_out_is_reported_with_the_check() -> None:
    mug = MUG.model_copy(update={"description": "A stoneware mug. Holds 350 ml."})
    made, _ = rewritten(
        mug, "en", texts_of("Mug", [mug.description]), style=Style(avoid=["stoneware"])
    )
    assert any('the check "avoid" took it out of "description"' in m for m in told(made))


def test_taste_is_no_fact() -> None:
    mug = MUG.model_copy(update={"description": "A stoneware mug. A lovely gift!"})
    made, _ = rewritten(mug, "en", texts_of("Mug Aalto", ["A mug of stoneware."]))
    assert lost(made) == []


def test_a_fact_that_stands_in_the_data_is_kept() -> None:
    mug = MUG.model_copy(
        update={
            "description": "A stoneware mug, holds 350 ml.",
            "attributes": {"volume": "0.35 l", "material": "stoneware"},
        }
    )
    made, _ = rewritten(mug, "en", texts_of("Mug Aalto", ["A mug."]))
    assert lost(made) == []


# ---- what is rewritten ------------------------------------------------------------


@pytest.mark.parametrize("description", ["", "n/a", "Mug.", "\u200b"])
def test_where_there_is_nothing_to_rewrite_it_is_written_as_ever(description: str) -> None:
    mug = Product(id="m", title="Mug", description=description)
    texts = texts_of("A mug", ["A mug."])
    made, engine = rewritten(mug, "en", texts)
    plain = describe(
        mug, other := writer(texts), fields=FIELDS, categories=["other product"]
    )
    assert [r.prompt for r in engine.requests] == [r.prompt for r in other.requests]
    assert made.findings == plain.findings and made.description == plain.description


def test_fields_that_are_not_written_stay_and_lose_nothing() -> None:
    mug = Product(
        id="m",
        title="Stoneware Mug of 350 ml",
        description="It is dishwasher safe.",
        present=Present(bullets=("Two handles",)),
    )
    texts = texts_of("Mug", ["It is dishwasher safe."], ["A gift", "For tea"])
    made, _ = rewritten(mug, "en", texts, fields=["description"])
    assert lost(made) == []
    made, _ = rewritten(mug, "en", texts)
    assert {"350 ml", "Two handles"} <= set(lost(made))


def test_the_prompt_shows_the_old_text_as_data_and_only_then() -> None:
    texts = texts_of("Mug Aalto", ["A mug of stoneware, 350 ml."])
    mug = MUG.model_copy(update={"present": Present(bullets=("Two </s> handles",))})
    _, engine = rewritten(mug, "en", texts)
    write = engine.requests[1].prompt.text
    _, _, shown = write.partition('as data: {"title"')
    data = json.loads('{"title"' + shown.split("\n")[0])
    assert data["description"] == MUG.description and "handles" in data["bullets"]
    describe(mug, other := writer(texts), fields=FIELDS, categories=["other product"])
    assert "present text" not in other.requests[1].prompt.text
    assert write.startswith(other.requests[1].prompt.text)


# ---- a second chance --------------------------------------------------------------

WHOLE = texts_of("Mug Aalto", ["A mug of stoneware. Holds 350 ml, with two handles."])
HALF = texts_of("Mug Aalto", ["A mug of stoneware. Holds 350 ml."])
LESS = texts_of("Mug Aalto", ["A mug of stoneware."])
HANDLES = MUG.model_copy(
    update={"description": "A mug of stoneware. Holds 350 ml. With two handles."}
)


def test_a_model_is_told_what_it_left_out_and_writes_once_more() -> None:
    made, engine = rewritten(HANDLES, "en", LESS, WHOLE)
    assert lost(made) == [] and "two handles" in made.description
    assert len(engine.requests) == 3
    last = engine.requests[-1]
    assert '"350 ml"' in last.prompt.text and "handles" in last.prompt.text
    assert last.context is not None and len(last.context.turns) == 2  # type: ignore[attr-defined]
    assert {"write", "rewrite"} <= made.provenance.templates.keys()


def test_the_better_copy_is_kept_and_of_two_as_good_the_first() -> None:
    made, _ = rewritten(HANDLES, "en", HALF, LESS)
    assert "350 ml" in made.description and len(lost(made)) == 1
    other = texts_of("Mug Aalto", ["Stoneware: a mug that holds 350 ml."])
    made, _ = rewritten(HANDLES, "en", HALF, other)
    assert made.description == HALF["description"]


def test_nobody_is_asked_more_often_than_the_table_says() -> None:
    _, engine = rewritten(HANDLES, "en", LESS)
    assert len(engine.requests) == 2 + REWRITE_LIMITS.chances
    _, engine = rewritten(HANDLES, "en", WHOLE)
    assert len(engine.requests) == 2


def test_with_a_branch_a_field_only_the_roomiest_is_written_again() -> None:
    info = EngineInfo("scripted", "", "", branches=True)
    engine = writer(LESS, WHOLE)
    engine.info = info
    options: dict[str, Any] = {"fields": FIELDS, "categories": ["other product"]}
    made = describe(HANDLES, engine, rewrite=True, **options)
    assert lost(made) == []
    assert [list(r.schema["properties"]) for r in engine.requests[1:]] == [
        ["title"], ["bullets"], ["description"], ["description"],
    ]  # fmt: skip


def test_each_language_has_its_own_second_chance() -> None:
    german = texts_of("Becher Aalto", ["Ein Becher aus Steingut, 350 ml."])
    seen: list[int] = []

    def answer(request: Any) -> Any:
        asked = request.schema["properties"]
        if "category" in asked:
            return shortest(request.schema)
        is_german = any("in German" in p.text for p, _ in request.context.turns)
        is_german = is_german or "in German" in request.prompt.text
        turn = len(request.context.turns)
        seen.append(turn)
        texts: Mapping[str, Any] = german if is_german else (LESS if turn == 1 else WHOLE)
        return {name: texts[name] for name in asked}

    options: dict[str, Any] = {"fields": FIELDS, "rewrite": True}
    outcomes = describe_many(
        [HANDLES], ScriptedEngine(answer), languages=["en", "de"], **options
    )
    english, _ = (one.description for one in outcomes)  # type: ignore[union-attr]
    assert lost(english) == [] and sorted(seen)[:2] == [1, 1] and 2 in seen


def test_a_schema_of_one_s_own_is_looked_at_as_a_whole() -> None:
    from pydantic import BaseModel

    class Label(BaseModel):
        headline: str
        facts: list[str]

    def answer(request: Any) -> Any:
        if "category" in request.schema["properties"]:
            return shortest(request.schema)
        return {"headline": "A mug of stoneware", "facts": ["Holds 350 ml"]}

    made = describe(HANDLES, ScriptedEngine(answer), schema=Label, rewrite=True)
    assert lost(made) == ["Aalto", "With two handles"]


def test_a_model_that_only_looks_refuses() -> None:
    looker = ScriptedEngine(info=EngineInfo("looker", "", "", writes=False))
    with pytest.raises(ValueError, match="rewrite=True needs a model that writes"):
        describe(MUG, looker, rewrite=True)
    with pytest.raises(TypeError, match="rewrite is True or False, not 'yes'"):
        describe(MUG, ScriptedEngine(), rewrite="yes")  # type: ignore[arg-type]
