"""Questions, captions and moderation over every kind of engine: what each promises.

To add an engine: one line in ENGINES.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from doubles.model_servers.chat_server import ChatServer, fitting

from productdesc import (
    HfOptions,
    ModerationPolicy,
    OutputError,
    Question,
    QuestionAnswer,
    QwenOptions,
    ScriptedEngine,
    ServerEngine,
    ask_all,
    caption,
    describe,
    load_engine,
    moderate,
)
from productdesc.engines import Engine
from productdesc.questions.answer_kinds import MAX_ANSWER, MAX_NUMBER
from productdesc.questions.photo_captions import PURPOSES

EXAMPLES = Path(__file__).parents[2] / "examples"
SHOE, WHITE = EXAMPLES / "striped-shoe.jpg", EXAMPLES / "white-shoes.jpg"

QUESTIONS = (
    Question("What is it?", choices=["shoes", "größe 42", "other product"]),
    Question("Does it have laces?", expect="yes-no"),
    Question("How many are there?", expect="number"),
    Question("What does it look like?"),
    Question("What is printed on it?", expect="text"),
)


def local(folder: Path) -> Iterator[Engine]:
    from doubles.tiny_qwen2vl import make

    yield load_engine(make(folder), QwenOptions(device="cpu"))


def by_transformers(folder: Path) -> Iterator[Engine]:
    from doubles.families.tiny_families import make

    yield load_engine(make("smolvlm", folder), HfOptions(device="cpu"))


def scripted(folder: Path) -> Iterator[Engine]:
    yield ScriptedEngine(None)


def server(folder: Path) -> Iterator[Engine]:
    with ChatServer(fitting) as chat, ServerEngine(chat.url) as engine:
        yield engine


ENGINES: dict[str, Callable[[Path], Iterator[Engine]]] = {
    "local": local,
    "hf": by_transformers,
    "scripted": scripted,
    "server": server,
}


@pytest.fixture(scope="module", params=ENGINES.values(), ids=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    yield from request.param(tmp_path_factory.mktemp("engine"))


def holds(question: Question, answer: QuestionAnswer, photos: int) -> None:
    """What is promised of every answer, whatever was said."""
    assert answer.question == question.text
    if answer.value is None:
        assert answer.reason and answer.evidence == ()
        return
    assert answer.reason == ""
    assert answer.evidence[0].source == "photo"
    assert 1 <= (answer.evidence[0].photo or 0) <= photos
    if question.choices:
        assert answer.value in question.choices
        return
    match question.expect:
        case "yes-no":
            assert isinstance(answer.value, bool)
        case "number":
            assert type(answer.value) is int and 0 <= answer.value <= MAX_NUMBER
        case _:
            assert isinstance(answer.value, str) and 0 < len(answer.value) <= MAX_ANSWER


@pytest.mark.parametrize("photos", [[SHOE], [SHOE, WHITE]], ids=["one photo", "two"])
@pytest.mark.parametrize("second_look", [False, True])
def test_every_answer_is_of_its_kind_or_says_why_not(
    engine: Engine, photos: list[Path], second_look: bool
) -> None:
    answers = ask_all(photos, QUESTIONS, engine, second_look=second_look)
    for question, answer in zip(QUESTIONS, answers, strict=True):
        holds(question, answer, len(photos))
        assert answer.probability is None or 0.0 <= answer.probability <= 1.0


def test_an_answer_is_the_same_alone_and_beside_others(engine: Engine) -> None:
    together = ask_all(SHOE, QUESTIONS, engine)
    for question, answer in zip(QUESTIONS, together, strict=True):
        [alone] = ask_all(SHOE, [question], engine)
        assert (alone.value, alone.evidence[:1] == ()) == (
            answer.value,
            answer.evidence[:1] == (),
        )


def test_every_category_of_a_policy_is_answered_for_every_photo(engine: Engine) -> None:
    found = moderate([SHOE, WHITE], engine=engine)
    categories = [one.name for one in ModerationPolicy.shipped().categories]
    assert [(one.photo, one.category) for one in found.scores] == [
        (photo, category) for photo in (1, 2) for category in categories
    ]
    for score in found.scores:
        assert score.answer in ("yes", "no", "cannot be seen")
        assert score.probability is None or 0.0 <= score.probability <= 1.0
    assert found.verdict == ("review" if found.reasons else "pass")


def test_a_second_look_is_taken_and_changes_no_first_one(engine: Engine) -> None:
    categories = ModerationPolicy.shipped().categories[:2]
    once, twice = (
        moderate(SHOE, engine=engine, policy=ModerationPolicy(categories, second_look=more))
        for more in (False, True)
    )
    assert twice.scores == once.scores and once.second_scores == ()
    assert [one.category for one in twice.second_scores] == [c.name for c in categories]
    try:
        made = describe(SHOE, engine, fields=["title"], second_look=True)
        alone = describe(SHOE, engine, fields=["title"])
    except OutputError:  # which a model of chance may come to
        return
    assert "second-look" in made.provenance.templates
    assert made.category == alone.category
    for name in made.attributes.keys() - {"colour"}:  # in doubt, the measured one counts
        assert made.attributes[name] == alone.attributes[name]


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_caption_keeps_its_limits_and_its_places(engine: Engine, purpose: str) -> None:
    try:
        made = caption(SHOE, engine, purpose=purpose)  # type: ignore[arg-type]
    except OutputError:  # which a model of chance may come to
        return
    assert 0 < len(made.text) <= PURPOSES[made.purpose].limit
    for one in made.evidence:
        if one.start is not None:
            assert made.text[one.start : one.end] == one.value
