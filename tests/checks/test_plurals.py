"""A plural is the word itself: data and copy may each use either."""

from __future__ import annotations

import pytest

from productdesc.checks import CheckedText
from productdesc.checks.check import check
from productdesc.records import Facts, Product

NOTHING = Facts(category="other product")

# A thing that a merchant may name in one number and a model in the other.
THINGS = [
    ("biscuit", "biscuits"), ("cookie", "cookies"), ("brownie", "brownies"),
    ("smoothie", "smoothies"), ("hoodie", "hoodies"), ("berry", "berries"),
    ("shelf", "shelves"), ("knife", "knives"), ("scarf", "scarves"), ("loaf", "loaves"),
    ("leaf", "leaves"), ("half", "halves"), ("glove", "gloves"), ("sleeve", "sleeves"),
    ("lens", "lenses"), ("canvas", "canvases"), ("gas", "gases"), ("bus", "buses"),
    ("dress", "dresses"), ("harness", "harnesses"), ("necklace", "necklaces"),
    ("vase", "vases"), ("blouse", "blouses"), ("purse", "purses"), ("mousse", "mousses"),
    ("box", "boxes"), ("axe", "axes"), ("watch", "watches"), ("quiche", "quiches"),
    ("brush", "brushes"), ("potato", "potatoes"), ("mango", "mangoes"), ("shoe", "shoes"),
    ("canoe", "canoes"), ("photo", "photos"), ("tooth", "teeth"), ("foot", "feet"),
    ("goose", "geese"), ("mouse", "mice"), ("kiwi", "kiwis"), ("menu", "menus"),
    ("Zorbie", "Zorbies"),
]  # fmt: skip


def run(attributes: dict[str, str], **texts: str | tuple[str, ...]) -> CheckedText:
    return check(
        texts,
        product=Product(attributes=attributes),
        facts=NOTHING,
        measured=(),
        language="en",
        prompts=(),
    )


@pytest.mark.parametrize(
    ("data", "copy"), [*THINGS, *((many, one) for one, many in THINGS)]
)
def test_a_true_label_in_another_number_is_no_lie(data: str, copy: str) -> None:
    for name, line in (("contents", f"Contents: {copy}"), ("type", f"Type: {copy}")):
        result = run({name: data}, bullets=(line,))
        assert result.texts["bullets"] == (line,)
        assert not result.findings


def test_a_lie_under_a_label_is_still_one() -> None:
    for data, line in (("cookie", "Contents: cooks"), ("shelf", "Contents: shell")):
        result = run({"contents": data}, bullets=(line,))
        assert result.texts["bullets"] == ()
        assert [finding.code for finding in result.findings] == ["label"]


@pytest.mark.parametrize(("one", "many"), THINGS)
def test_the_evidence_is_the_whole_value_in_either_number(one: str, many: str) -> None:
    result = run({"contents": f"organic {one}"}, description=f"Organic {many} in a box.")
    assert result.texts["description"] == f"Organic {many} in a box."
    [claim, *_] = [e for e in result.evidence["description"] if e.kind == "claim"]
    assert (claim.value, str(claim)) == (f"Organic {many}", "attribute contents")


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"volume": "5 l"}, "It holds 5 liters."),
        ({"length": "10 m"}, "The rope is 10 meters long."),
        ({"care": "wash with like colors"}, "Wash with like colours."),
    ],
)
def test_a_variant_spelling_counts_in_the_plural_too(
    attributes: dict[str, str], text: str
) -> None:
    assert run(attributes, description=text).texts["description"] == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("A child seat for a bicycle.", "A child seat for a bicycle."),
        ("A man bag in canvas.", "A man bag in canvas."),
        ("A children's seat.", "A seat."),
        ("For children.", ""),
    ],
)
def test_a_child_seat_is_no_seat_for_children(text: str, left: str) -> None:
    assert run({}, description=text).texts["description"] == left


def test_a_bag_for_men_is_inferred_and_a_man_bag_is_a_kind() -> None:
    evidence = run({}, title="Men's bag").evidence["title"]
    assert [(e.value, str(e)) for e in evidence if e.kind == "claim"] == [
        ("Men's", "inferred"),
        ("bag", "inferred"),
    ]
    evidence = run({}, title="Man bag").evidence["title"]
    assert "Man" not in [e.value for e in evidence if e.kind == "claim"]
