"""What a policy keeps out of the copy, though it may be true."""

from __future__ import annotations

import pytest

from productdesc import Product
from productdesc.checks import CheckedText, Policy
from productdesc.checks.check import check
from productdesc.checks.policy import Inferred
from productdesc.records import Colour, Facts

NAVY = (Colour(name="navy", hex="#14204a", share=0.8),)
TRUE, OPINION, OPEN = "Navy shoes by Vendora.", "A lovely gift.", "They keep rain out."


def run(inferred: Inferred, **texts: str | tuple[str, ...]) -> CheckedText:
    return check(
        texts,
        product=Product(attributes={"brand": "Vendora"}),
        facts=Facts(category="shoes"),
        measured=[NAVY],
        language="en",
        prompts=[],
        policy=Policy(inferred=inferred),
    )


@pytest.mark.parametrize(
    ("inferred", "left"),
    [
        ("all", f"{TRUE} {OPINION} {OPEN}"),
        ("opinions", f"{TRUE} {OPINION}"),
        ("none", TRUE),
    ],
)
def test_a_text_keeps_what_the_policy_lets_stand(inferred: Inferred, left: str) -> None:
    result = run(inferred, description=f"{TRUE} {OPINION} {OPEN}")
    assert result.texts["description"] == left
    held = [f for f in result.findings if f.code == "held-back"]
    assert len(held) == {"all": 0, "opinions": 1, "none": 2}[inferred]
    assert all(f.severity == "removed" and f.field == "description" for f in held)


def test_the_evidence_is_of_what_is_left() -> None:
    result = run("opinions", description=f"{OPEN} {TRUE}")
    [sentence] = [e for e in result.evidence["description"] if e.kind == "sentence"]
    assert (sentence.start, sentence.end, sentence.value) == (0, len(TRUE), TRUE)


def test_titles_go_whole_lists_lose_entries_and_alt_texts_keep_their_places() -> None:
    result = run(
        "opinions",
        title="Navy shoes that keep rain out",
        bullets=("Navy shoes", "Keeps rain out"),
        alt_texts=("Shoes that keep rain out", "Navy shoes"),
    )
    assert result.texts == {
        "title": "",
        "bullets": ("Navy shoes",),
        "alt_texts": ("", "Navy shoes"),
    }
