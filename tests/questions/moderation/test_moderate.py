"""Moderate: every layer gives its reasons, says what it left out, and deletes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from doubles.photo_rules.photo_faults import in_frame, photo_of, product
from PIL import Image

import productdesc
from productdesc import ModerationPolicy, Product, ScriptedEngine, moderate
from productdesc.engines import Answer, EngineInfo, Request
from productdesc.engines.protocol import ChoiceProbability
from productdesc.questions.moderation.policy_questions import (
    NO,
    UNSEEN,
    YES,
    PolicyScore,
    policy_reasons,
)
from productdesc.records import ReadText

EXAMPLES = Path(__file__).parents[3] / "examples"
SHOE, WHITE = EXAMPLES / "striped-shoe.jpg", EXAMPLES / "white-shoes.jpg"
SHIPPED = ModerationPolicy.shipped()


def saying(**answers: str) -> ScriptedEngine:
    """Answers "no", but for these categories, by what they are called."""
    labels = {
        one.label: answers[one.name] for one in SHIPPED.categories if one.name in answers
    }

    def script(request: Request) -> Any:
        if request.prompt.photos:
            return {"ready": True}
        said = [
            a for label, a in labels.items() if f"rule on {label}." in request.prompt.text
        ]
        return {"answer": said[0] if said else NO}

    return ScriptedEngine(script)


class Sure:
    """An engine that gives these three probabilities to yes, no and unseen."""

    def __init__(self, yes: float, no: float) -> None:
        self.info = EngineInfo("sure", "", "")
        shares = {YES: yes, NO: no, UNSEEN: 1 - yes - no}
        (first, p), (second, q), _ = sorted(shares.items(), key=lambda one: -one[1])
        self._found = ChoiceProbability(first, p, second, q)

    def generate(self, requests: Any, settings: Any = None) -> list[Answer]:
        def script(request: Request) -> Any:
            return (
                {"ready": True} if request.prompt.photos else {"answer": self._found.value}
            )

        said = ScriptedEngine(script).generate(requests)
        return [
            Answer(a.text, a.finish, a.tokens, a.context, None,
                   dict.fromkeys(r.scored, self._found))
            for r, a in zip(requests, said, strict=True)
        ]  # fmt: skip


def test_a_harmless_photo_passes_and_every_category_has_its_score() -> None:
    found = moderate(SHOE, engine=saying(), channel="google")
    assert found.verdict == "pass" and found.reasons == ()
    assert [one.category for one in found.scores] == [c.name for c in SHIPPED.categories]
    assert {one.answer for one in found.scores} == {NO}
    assert found.not_checked == ("text policy: there is no text",)


def test_what_the_model_says_yes_to_is_for_review_with_its_photo() -> None:
    engine = saying(weapons=YES)
    found = moderate([SHOE, WHITE], engine=engine)
    assert found.verdict == "review"
    assert [(r.code, r.where, r.layer) for r in found.reasons] == [
        ("policy-weapons", "photo 1", "policy"),
        ("policy-weapons", "photo 2", "policy"),
    ]
    # each photo is read once, by itself, and each question branches from there
    looks = [request for request in engine.requests if request.prompt.photos]
    assert [len(one.prompt.photos) for one in looks] == [1, 1]
    assert len(engine.requests) == 2 + 2 * len(SHIPPED.categories)


@pytest.mark.parametrize(
    "yes, no, is_over", [(0.6, 0.3, True), (0.45, 0.35, False), (0.1, 0.2, False)]
)
def test_p_yes_is_held_to_the_threshold_wherever_it_stands(
    yes: float, no: float, is_over: bool
) -> None:
    found = moderate(SHOE, engine=Sure(yes, no))
    assert all(s.probability == pytest.approx(yes) for s in found.scores)
    over = [r for r in found.reasons if r.layer == "policy"]
    assert len(over) == (len(SHIPPED.categories) if is_over else 0)
    for reason in over:
        assert reason.measured == pytest.approx(yes) and reason.limit == 0.5
        assert f"P(yes) is {yes:.2f}" in reason.message


def test_a_row_that_says_refuse_refuses_and_none_ships() -> None:
    assert {one.verdict for one in SHIPPED.categories} == {"review"}
    category = SHIPPED.categories[0]._replace(verdict="refuse", threshold=0.9)
    policy = ModerationPolicy((category,))
    assert moderate(SHOE, engine=Sure(0.95, 0.03), policy=policy).verdict == "refuse"
    assert moderate(SHOE, engine=Sure(0.85, 0.1), policy=policy).verdict == "pass"


def test_what_the_model_cannot_see_is_for_review() -> None:
    score = PolicyScore(3, "hate", UNSEEN, None)
    [reason] = policy_reasons([score], [], SHIPPED)
    assert (reason.layer, reason.verdict) == ("doubt", "review")
    assert reason.where == "photo 3"
    found = moderate(SHOE, engine=saying(nudity=UNSEEN))
    assert found.verdict == "review" and found.reasons[0].code == "cannot-be-told"


def test_a_second_look_is_off_unless_asked_and_must_agree() -> None:
    once = saying(weapons=YES)
    found = moderate(SHOE, engine=once)
    assert found.second_scores == () and len(once.requests) == 1 + len(SHIPPED.categories)
    twice = ModerationPolicy.shipped(second_look=True)
    same = saying(weapons=YES)
    found = moderate(SHOE, engine=same, policy=twice)
    assert [one.code for one in found.reasons] == ["policy-weapons"]
    assert found.second_scores == found.scores
    assert len(same.requests) == 2 * len(once.requests)
    first, second = (r.prompt.photos[0] for r in same.requests if r.prompt.photos)
    assert second.image.width == round(first.image.width * 0.75)
    last = same.requests[-1]
    assert last.schema["properties"]["answer"]["enum"] == [NO, YES, UNSEEN]
    assert last.prompt.text.endswith("Choose one: no, yes, cannot be seen.")


@pytest.mark.parametrize("first, second", [(YES, NO), (NO, YES), (UNSEEN, NO)])
def test_looks_that_differ_are_for_review_and_never_a_refusal(
    first: str, second: str
) -> None:
    row = SHIPPED.categories[0]._replace(verdict="refuse", threshold=0.5)
    scores = [[PolicyScore(1, row.name, said, None)] for said in (first, second)]
    [reason] = policy_reasons(*scores, ModerationPolicy((row,), second_look=True))
    assert (reason.code, reason.verdict) == ("cannot-be-told", "review")
    assert f"one look says {first!r}, a second one {second!r}" in reason.message


def test_looks_agree_by_the_threshold_and_not_by_the_number() -> None:
    row = SHIPPED.categories[0]._replace(threshold=0.4)
    policy = ModerationPolicy((row,), second_look=True)

    def codes(first: float, second: float) -> list[str]:
        scores = [[PolicyScore(1, row.name, NO, one)] for one in (first, second)]
        return [one.code for one in policy_reasons(*scores, policy)]

    assert codes(0.1, 0.39) == []
    assert codes(0.41, 0.45) == [f"policy-{row.name}"]
    assert codes(0.41, 0.39) == codes(0.39, 0.41) == ["cannot-be-told"]


def test_a_photo_that_shows_nothing_never_passes() -> None:
    blank = Image.new("RGB", (300, 300), "white")
    engine = saying()
    found = moderate([blank, SHOE], engine=engine)
    assert found.verdict == "review"
    [reason] = found.reasons
    assert (reason.layer, reason.code, reason.where) == (
        "doubt",
        "cannot-be-told",
        "photo 1",
    )
    assert "flat colour" in reason.message
    assert {one.photo for one in found.scores} == {2}


def test_a_photo_that_cannot_be_read_never_passes() -> None:
    found = moderate([Path("nowhere.jpg"), b"no photo"])
    assert found.verdict == "review"
    assert [(r.code, r.where) for r in found.reasons] == [
        ("photo-unusable", "photo 1"),
        ("photo-unusable", "photo 2"),
    ]
    lost = Product(title="Shoe", photo_error="none of its 2 photos has an https URL")
    assert moderate(lost).verdict == "review"


def test_layers_that_are_left_out_are_named() -> None:
    found = moderate(SHOE)
    assert found.verdict == "pass"
    assert found.not_checked == (
        "photo rules: no channel was named",
        "policy: no model was named to ask",
        "text policy: there is no text",
    )
    demo = moderate(SHOE, engine=productdesc.load_engine())
    assert "policy: demo only looks at photos" in demo.not_checked[1]
    assert demo.scores == ()
    assert moderate(Product(title="Shoe")).not_checked == ()


def test_texts_of_a_product_are_held_to_the_rules_of_the_place() -> None:
    knife = Product(id="1", title="Butterfly knife")
    assert moderate(knife, channel="amazon").verdict == "review"
    assert moderate(knife, channel="etsy").verdict == "refuse"
    assert moderate(knife, country="DE").verdict == "refuse"
    assert moderate(knife, channel="shopify").verdict == "pass"


def test_the_strictest_of_all_reasons_is_the_verdict() -> None:
    shown = Product(id="1", title="Butterfly knife", photos=[SHOE])
    found = moderate(shown, channel="amazon")
    assert {r.layer: r.verdict for r in found.reasons} == {
        "photo": "refuse",
        "text": "review",
    }
    assert found.verdict == "refuse"


def test_words_that_are_read_on_a_photo_are_held_to_the_text_policy() -> None:
    def read(photo: Any) -> list[ReadText]:
        return [line("Genuine", (0, 0, 1, 0.1)), line("ivory", (0, 0.1, 1, 0.2))]

    found = moderate([SHOE, WHITE], country="FR", read_text=read)
    assert [(r.code, r.where) for r in found.reasons] == [
        ("goods-wildlife", "photo 1"),
        ("goods-wildlife", "photo 2"),
    ]


def test_where_words_are_read_beside_the_product_is_an_overlay() -> None:
    """Words that are laid over the background; on the product they are its print."""
    shoe = in_frame(product(), 0.9)
    beside, on_it = (0.05, 0.02, 0.6, 0.08), (0.3, 0.45, 0.6, 0.55)
    codes = {
        box: [
            one.code
            for one in moderate(
                photo_of(shoe),
                channel="ebay",
                read_text=lambda _, box=box: [line("SALE", box)],
            ).reasons
        ]
        for box in (beside, on_it)
    }
    overlay = "added-text-artwork-or-marketing"
    assert overlay in codes[beside] and overlay not in codes[on_it]


def line(text: str, box: tuple[float, float, float, float]) -> ReadText:
    return ReadText(text=text, score=0.9, box=box)


def test_a_verdict_is_plain_values_in_json() -> None:
    found = moderate(Product(title="Handguns"), channel="google")
    value = json.loads(json.dumps(found.as_json()))
    assert value["verdict"] == "refuse"
    assert value["reasons"][0]["code"] == "goods-firearms"
    assert value["scores"] == [] and value["not_checked"] == []


@pytest.mark.parametrize(
    "given, said",
    [
        ({"photos": Product(id="1")}, "no photo and no text"),
        ({"photos": []}, "no photo and no text"),
        ({"policy": SHIPPED}, "give engine="),
        ({"channel": "amazn"}, "no channel 'amazn'"),
        ({"language": "german"}, "language 'german'"),
    ],
)
def test_what_cannot_be_moderated_is_refused(given: dict[str, Any], said: str) -> None:
    options = {"photos": SHOE, **given}
    with pytest.raises(ValueError, match=said):
        moderate(**options)


def test_an_engine_is_no_name() -> None:
    with pytest.raises(TypeError, match="load it first"):
        moderate(SHOE, engine="demo")  # type: ignore[arg-type]


def test_a_clause_of_a_policy_can_not_act() -> None:
    category = SHIPPED.categories[0]._replace(should_not=("show <|im_end|> things",))
    info = EngineInfo("special", "", "", special_tokens=("<|im_end|>",))
    engine = ScriptedEngine(
        lambda r: {"ready": True} if r.prompt.photos else {"answer": NO}, info=info
    )
    moderate(SHOE, engine=engine, policy=ModerationPolicy((category,)))
    text = engine.requests[-1].prompt.text
    assert "<|im_end|>" not in text and "things" in text
