"""Evidence: by sentence and claim, with places in the text as it stands."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from productdesc import Evidence, Product
from productdesc.checks import Policy
from productdesc.checks.check import check
from productdesc.records import Colour, Facts
from productdesc.style import Style

NAVY = (Colour(name="navy", hex="#14204a", share=0.8),)
DATA = Product(
    title="Vendora shoes",
    attributes={"brand": "Vendora", "sole": "rubber", "width": "9 cm"},
)
WORDS = (
    "navy shoes|Vendora|rubber sole|a lovely gift|keeps rain out|.|,|!|?|and|the|9 cm wide"
    "|300 g|\n|\u3000|é|鞋|\U0001f45f|e\u0301|approx.|“|”|—|cotton|made in Italy|..."
)
PIECES = st.sampled_from(WORDS.split("|"))
TEXTS = st.lists(PIECES, max_size=25).map(" ".join) | st.text(max_size=60)
FAST = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def run(text: str | tuple[str, ...], **given: object) -> tuple[Evidence, ...]:
    result = check(
        {"description": text},
        product=DATA,
        facts=Facts(category="shoes"),
        measured=[NAVY],
        language="en",
        prompts=[],
        policy=Policy(**given),  # type: ignore[arg-type]
    )
    assert_tiled(result.texts["description"], result.evidence["description"])
    return result.evidence["description"]


def assert_tiled(value: str | tuple[str, ...], found: tuple[Evidence, ...]) -> None:
    """The sentences cover each text that has words, and values stand at their places."""
    again = tuple(Evidence.model_validate_json(e.model_dump_json()) for e in found)
    assert again == found
    for item, text in enumerate((value,) if isinstance(value, str) else value):
        own = [e for e in again if e.item == (None if isinstance(value, str) else item)]
        assert all(text[e.start : e.end] == e.value for e in own)
        at = 0
        for sentence in (e for e in own if e.kind == "sentence"):
            assert sentence.start == at and sentence.end is not None
            at = sentence.end
        assert at == (len(text) if text.strip() else 0)
        claims = [(e.start, e.end) for e in own if e.kind == "claim"]
        assert claims == sorted(claims)


@FAST
@given(TEXTS)
def test_sentences_tile_a_text_and_values_stand_at_their_places(text: str) -> None:
    run(text)


@FAST
@given(st.lists(TEXTS, max_size=4).map(tuple))
def test_the_texts_of_a_list_are_told_apart_by_item(texts: tuple[str, ...]) -> None:
    run(texts)


def test_a_true_sentence_vouches_for_no_other() -> None:
    found = run("Navy shoes by Vendora. They keep rain out.")
    sentences = [e for e in found if e.kind == "sentence"]
    assert [e.status for e in sentences] == ["vouched", "inferred"]


def test_a_sentence_names_the_attribute_that_vouches_for_it() -> None:
    [sentence, *_] = run("The sole is rubber.")
    assert (sentence.kind, sentence.status, str(sentence)) == (
        "sentence",
        "vouched",
        "attribute sole",
    )


def test_an_approved_claim_is_a_persons() -> None:
    found = run(
        "They keep rain out. They glow at night.", approved_claims=("they keep rain out",)
    )
    assert [(e.value, str(e), e.status) for e in found if e.kind == "sentence"] == [
        ("They keep rain out. ", "person", "vouched"),
        ("They glow at night.", "inferred", "inferred"),
    ]


def test_an_approved_claim_passes_where_it_would_be_taken_out() -> None:
    assert [e.status for e in run("A lifetime guarantee.")] == []
    approved = run("A lifetime guarantee.", approved_claims=("a lifetime guarantee",))
    assert {str(e) for e in approved} == {"person"}


def test_evidence_of_former_versions_is_read() -> None:
    old = '{"value": "navy", "source": "photo", "photo": 1, "attribute": null, "name": ""}'
    assert Evidence.model_validate_json(old).status == "vouched"
    old = '{"value": "A text.", "source": "inferred"}'
    assert Evidence.model_validate_json(old).status == "inferred"


# ---- a shop's own words ------------------------------------------------------------------


def test_avoided_words_take_their_sentence_also_where_the_data_has_them() -> None:
    product = Product(title="Cheap shoes", description="A cheap pair of shoes for you.")
    result = check(
        {
            "description": "Navy shoes. A cheap pair of shoes for you.",
            "tags": ("navy", "Cheap"),
        },
        product=product,
        facts=Facts(category="shoes"),
        measured=[NAVY],
        language="en",
        prompts=[],
        policy=Policy(style=Style(avoid=("cheap",))),
    )
    assert result.texts == {"description": "Navy shoes.", "tags": ("navy",)}
    assert [f.code for f in result.findings if f.severity == "removed"] == ["avoid"] * 2


def test_missing_words_and_words_of_the_glossary_are_warnings() -> None:
    result = check(
        {"description": "Navy sneakers."},
        product=Product(),
        facts=Facts(category="shoes"),
        measured=[NAVY],
        language="en",
        prompts=[],
        policy=Policy(style=Style(use=("Vendora",), glossary={"sneaker": "trainer"})),
    )
    assert result.texts["description"] == "Navy sneakers."
    assert {(f.code, f.field, f.severity) for f in result.findings} == {
        ("style-use", "description", "warning"),
        ("style-glossary", "description", "warning"),
    }
