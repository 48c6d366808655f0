"""`rewrites`: what a description says in place of the merchant's present copy."""

from __future__ import annotations

from doubles.rewriting.writers import lost, rewritten, texts_of
from factories import description

import productdesc
from productdesc import Product
from productdesc.records import WORDLESS, Present, Translation

MUG = Product(
    id="m",
    title="Mug",
    description="A red mug.",
    attributes={"colour": "red"},
    present=Present(bullets=("Holds 3 dl", "Red")),
)


def test_each_field_that_changes_has_both_texts_and_a_word_diff() -> None:
    made = description(
        title="Mug",
        description="A red mug of clay.",
        bullets=("Holds 300 ml", "Red"),
        attributes={"colour": "red"},
        tags=("mug",),
    )
    changes = productdesc.rewrites(MUG, made)
    assert [one.field for one in changes] == ["bullets", "description", "tags"]
    bullets, text, tags = changes
    assert (text.before, text.after) == ("A red mug.", "A red mug of clay.")
    assert [tuple(one) for one in text.words] == [
        ("equal", "A red mug", "A red mug"),
        ("insert", "", " of clay"),
        ("equal", ".", "."),
    ]
    assert str(text) == "A red mug{+ of clay+}."
    assert bullets.before == "Holds 3 dl\nRed" and str(bullets).startswith(
        "Holds [-3 dl-]{+300 ml+}"
    )
    assert (tags.before, str(tags)) == ("", "{+mug+}")
    assert text.as_json()["words"][1] == {
        "kind": "insert", "before": "", "after": " of clay",
    }  # fmt: skip


def test_what_the_description_has_not_does_not_change() -> None:
    assert not productdesc.rewrites(MUG, description(title="Mug"))
    pictures = MUG.model_copy(update={"description": WORDLESS})
    [one] = productdesc.rewrites(pictures, description(description="A mug."))
    assert (one.before, one.after) == ("", "A mug.")


def test_a_notebook_shows_both_sides_and_nothing_of_a_stranger_acts() -> None:
    made = description(description="A <script>red</script> mug.\nNew \u202eline.")
    shown = productdesc.rewrites(MUG, made)._repr_html_()
    assert '<table class="changes">' in shown and "<br>" in shown
    assert "<script" not in shown and "\u202e" not in shown
    text = str(productdesc.rewrites(MUG, made))
    assert text.startswith("description\n") and "\u202e" not in text
    assert "<table" not in productdesc.rewrites(MUG, description())._repr_html_()


def test_what_a_shop_has_in_the_language_is_what_is_rewritten() -> None:
    german = "Pfanne aus Gusseisen, 28 cm. Für Induktion geeignet."
    pan = Product(
        id="P",
        title="Pan",
        description="Pan of cast iron.",
        translations={"de": Translation(title="Pfanne", description=german)},
    )
    kept, _ = rewritten(pan, "de", texts_of("Pfanne", [german]))
    assert lost(kept) == [] and kept.description == german  # 28 cm stands in no other text
    made, _ = rewritten(pan, "de", texts_of("Pfanne", ["Pfanne aus Gusseisen, 28 cm."]))
    assert lost(made) == ["Für Induktion geeignet"]
    changes = {one.field: one.before for one in productdesc.rewrites(pan, made)}
    assert changes["description"] == german and "title" not in changes
