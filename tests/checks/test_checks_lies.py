"""Lies are caught and truths are kept: the fifty and fifty of `checks_lies`."""

import pytest
from doubles.lies.checks_lies import CASES, LIES, TRUTHS, Lie

from productdesc.checks import CheckedText
from productdesc.checks.check import check

PROMPT = "Say only what a photo shows or the data states. Answer with one line of JSON."


def checked(case: str, **texts: str | tuple[str, ...]) -> CheckedText:
    known = CASES[case]
    return check(
        texts,
        product=known.product,
        facts=known.facts,
        measured=known.measured,
        language="en",
        prompts=[PROMPT],
    )


def test_there_are_fifty_of_each() -> None:
    assert (len(LIES), len(TRUTHS)) == (50, 50)


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.text)
def test_a_lie_is_taken_out_or_marked_inferred_as_the_table_says(lie: Lie) -> None:
    result = checked(lie.case, description=lie.text)
    text = result.texts["description"]
    if lie.outcome == "inferred":
        claims = [e for e in result.evidence["description"] if e.kind == "claim"]
        sources = {e.value: e.source for e in claims}
        assert (text, sources[lie.words]) == (lie.text, "inferred")
    else:
        assert text == lie.left
        removed = {(f.code, f.severity) for f in result.findings}
        assert (lie.code, "removed") in removed


@pytest.mark.parametrize(("case", "text"), TRUTHS, ids=lambda value: str(value))
def test_a_true_claim_is_kept_byte_for_byte(case: str, text: str) -> None:
    result = checked(case, description=text)
    assert result.texts["description"] == text
    assert not [f for f in result.findings if f.severity == "removed"]


@pytest.mark.parametrize("case", CASES)
def test_lies_among_truths_go_and_the_truths_stay_in_place(case: str) -> None:
    lies = [lie for lie in LIES if lie.case == case]
    truths = [text for of, text in TRUTHS if of == case]
    mixed = [
        t
        for k in range(20)
        for t in ([lie.text for lie in lies][k : k + 1] + truths[k : k + 1])
    ]
    result = checked(case, description=" ".join(mixed), bullets=tuple(mixed))
    kept = [lie.text if lie.outcome == "inferred" else lie.left for lie in lies]
    expected = [t for k in range(20) for t in (kept[k : k + 1] + truths[k : k + 1]) if t]
    assert result.texts["description"] == " ".join(expected)
    assert result.texts["bullets"] == tuple(expected)


@pytest.mark.parametrize(
    "lie", [x for x in LIES if x.outcome == "removed"], ids=lambda x: x.text
)
@pytest.mark.parametrize(
    "field", ["title", "tags", "alt_texts", "seo_title", "custom.note"]
)
def test_no_field_is_a_way_around(lie: Lie, field: str) -> None:
    value = (lie.text,) if field in ("tags", "alt_texts") else lie.text
    left = checked(lie.case, **{field: value}).texts[field]
    assert lie.words not in " ".join(left if isinstance(left, tuple) else [left])
