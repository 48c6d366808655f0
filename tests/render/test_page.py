"""Pages: everything from outside is escaped, whatever it is."""

from __future__ import annotations

from factories import description
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from productdesc.records import Evidence, Finding
from productdesc.render.page import description_html, page_html

HOSTILE = "<script>alert(1)</script>\"&'"
FIELDS = ("title", "attributes", "bullets", "alt_texts", "custom")


class Card(BaseModel):
    headline: str


def test_no_value_of_a_description_acts_as_html() -> None:
    made = description(
        title=HOSTILE,
        attributes={HOSTILE: HOSTILE},
        bullets=(HOSTILE,),
        alt_texts=(HOSTILE,),
        custom=Card(headline=HOSTILE),
        evidence={"title": (Evidence(value="x", source="attribute", attribute=HOSTILE),)},
        findings=(Finding(code=HOSTILE, field="title", message=HOSTILE),),
    )
    shown = description_html(made, FIELDS, [b"jpeg"])
    assert "<script" not in shown and shown.count("&lt;script&gt;") == 10
    assert 'src="data:image/jpeg;base64,anBlZw=="' in shown


def test_photos_without_alt_texts_are_shown_and_empty_fields_are_not() -> None:
    shown = description_html(description(title="Shoe"), FIELDS, [b"a", b"b"])
    assert shown.count("<img") == 2 and "bullets" not in shown


@given(st.text(), st.text())
def test_a_page_has_one_title_and_its_language(title: str, language: str) -> None:
    page = page_html(title, language, "<p>body</p>")
    assert page.count("<title>") == page.count("</title>") == 1
    assert "<p>body</p>" in page and page.count("<html") == 1


def test_a_language_stays_within_its_attribute() -> None:
    page = page_html("Shoe", HOSTILE, "")
    assert page.startswith('<!doctype html><html lang="&lt;script&gt;alert(1)')
    assert "<script" not in page
