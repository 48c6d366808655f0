"""Data caps: what a merchant's text may cost, and that the shop's own is never cut."""

from __future__ import annotations

import pytest

from productdesc import Described, Product, ScriptedEngine, describe, describe_many
from productdesc.checks.check import check
from productdesc.checks.policy import LIMITS
from productdesc.checks.shorten_data import shorten_data
from productdesc.records import Facts

LONG = LIMITS.data_field + 1


@pytest.mark.parametrize("field", ["title", "description"])
def test_a_long_text_is_cut_for_the_model_and_whole_in_the_outcome(field: str) -> None:
    product = Product(id="7", attributes={"brand": "Acme"}, **{field: "shoe " * LONG})
    engine = ScriptedEngine()
    [outcome] = describe_many([product], engine, keep_drafts=True)
    assert isinstance(outcome, Described)
    assert outcome.product is product
    assert outcome.draft
    assert len(getattr(outcome.draft.product, field)) <= LIMITS.data_field
    length = len(getattr(product, field))
    [finding] = [f for f in outcome.description.findings if f.code == "data-long"]
    assert finding.field == field
    assert finding.message == (
        f"{field} has {length:,} characters; only the first 20,000 were read"
    )


def test_an_attribute_is_cut_by_itself_and_all_of_them_together() -> None:
    many = {f"a{n}": "x " * 9_000 for n in range(20)}
    product = Product(attributes={"long": "cotton " * LONG, "n" * LONG: "x", **many})
    short, findings = shorten_data(product)
    assert len(short.attributes["long"]) <= LIMITS.data_field
    assert "n" * LONG not in short.attributes
    assert short.attributes["a0"] == product.attributes["a0"]
    read = sum(len(name) + len(value) for name, value in short.attributes.items())
    assert LIMITS.data_attributes - LIMITS.data_field < read <= LIMITS.data_attributes
    assert [f.code for f in findings] == ["data-long"] * 3
    assert "only the first 10 were read" in findings[-1].message


def test_half_a_word_vouches_for_nothing() -> None:
    text = "x " * (LIMITS.data_field // 2 - 2) + "waterproofing"
    short, _ = shorten_data(Product(description=text, title="shoe"))
    assert not short.description.endswith("wat")
    assert set(short.description) == {"x", " "}


def test_what_is_within_the_limits_is_the_same_product() -> None:
    product = Product(title="x" * LIMITS.data_field, attributes={"a": "b"})
    assert shorten_data(product) == (product, ())


def test_a_check_of_its_own_has_the_cap_too() -> None:
    product = Product(title="%" * 2_000_000)
    checked = check(
        {"title": "Shoes"}, product=product, facts=Facts(category="shoes"),
        measured=[], language="en", prompts=[],
    )  # fmt: skip
    assert [f.code for f in checked.findings] == ["data-long"]


def test_a_product_that_fits_has_no_such_finding() -> None:
    description = describe(
        Product(title="Shoes", description="Blue shoes."), ScriptedEngine()
    )
    assert "data-long" not in {f.code for f in description.findings}
