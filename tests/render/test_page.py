"""Cards and pages: everything from outside is escaped, and a person finds their way."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from doubles.html_tree import Element, parsed_html
from factories import PROVENANCE, description
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from productdesc.records import COPY_FIELDS, Description, Evidence, Finding
from productdesc.render.page import card_html, description_html, page_html
from productdesc.render.ui_labels import load_labels

HOSTILE = "<script>alert(1)</script>\"&'\u202e"
FIELDS = (*COPY_FIELDS, "custom")
GERMAN = load_labels("de")


class Card(BaseModel):
    headline: str


def hostile() -> Description:
    made = PROVENANCE.model_copy(
        update={"model": HOSTILE, "revision": HOSTILE, "library": HOSTILE}
        | {"templates": {HOSTILE: HOSTILE}}
    )
    one = Evidence(value="x", source="attribute", attribute=HOSTILE)
    return description(
        product_id=HOSTILE,
        language=HOSTILE,
        title=HOSTILE,
        category=HOSTILE,
        attributes={HOSTILE: HOSTILE},
        bullets=(HOSTILE,),
        alt_texts=(HOSTILE,),
        custom=Card(headline=HOSTILE),
        evidence={"title": (one,)},
        findings=(Finding(code=HOSTILE, field=HOSTILE, message=HOSTILE),),
    ).model_copy(update={"channel": HOSTILE, "provenance": made})


def card(made: Description, photos: int = 0, **more: object) -> Element:
    return parsed_html(description_html(made, FIELDS, [b"jpeg"] * photos, **more))  # type: ignore[arg-type]


def test_no_value_of_a_description_acts_as_html() -> None:
    made = hostile()
    shown = page_html(HOSTILE, HOSTILE, description_html(made, FIELDS, [b"jpeg"]))
    assert "<script" not in shown and "\u202e" not in shown
    page = parsed_html(shown)
    assert not page.find("script")
    for element in page.walk():
        assert not [name for name in element.attributes if name.startswith("on")]
    texts = page.text + "".join(e.attributes.get("alt", "") for e in page.find("img"))
    assert texts.count("<script>alert(1)</script>") >= 13, "each is still to be read"
    assert 'src="data:image/jpeg;base64,anBlZw=="' in shown


def test_photos_are_a_numbered_list_and_each_has_words() -> None:
    shown = card(description(title="Shoe", language="de", alt_texts=("Ein Schuh",)), 2)
    first, second = shown.find("img")
    assert (first.attributes["alt"], first.attributes["lang"]) == ("Ein Schuh", "de")
    assert second.attributes["alt"] == "Photo 2" and "lang" not in second.attributes
    [listed] = shown.find("ol", "photos")
    assert [e.attributes["data-photo"] for e in listed.find("li")] == ["1", "2"]


def test_a_field_without_a_value_is_not_shown() -> None:
    shown = card(description(title="Shoe"))
    assert [e.attributes["data-field"] for e in shown.find("section", "field")] == ["title"]
    assert not shown.find("ol") and not shown.find("section", "legend")


def test_headings_go_down_step_by_step_and_no_id_is_there() -> None:
    made = hostile()
    for level in (1, 2, 3):
        tags = [e.tag for e in card(made, 1, heading=level).walk()]
        headings = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
        assert headings[0] == level and set(headings[1:]) == {level + 1}
    assert not [e for e in card(made, 2).walk() if "id" in e.attributes]


def test_copy_has_the_language_of_the_copy_and_the_card_that_of_its_words() -> None:
    made = description(title="حذاء", bullets=("أسود",), language="ar")
    shown = card(made, labels=GERMAN)
    [article] = shown.find("article")
    assert (article.attributes["lang"], article.attributes["dir"]) == ("de", "ltr")
    for element in (*shown.find("p", "text"), *shown.find("ul", "texts")[0].find("li")):
        assert element.attributes["lang"] == "ar"
        assert element.attributes["dir"] == "auto"
    assert [e.text for e in shown.find("h3")] == [
        "Titel",
        "Stichpunkte",
        "Wer das geschrieben hat",
    ]


@pytest.mark.parametrize(
    ("limits", "words", "is_over"),
    [
        ({}, "10 characters", False),
        ({"title": 10}, "10 of 10 characters", False),
        ({"title": 8}, "10 characters, 2 over the limit of 8", True),
    ],
)
def test_a_length_stands_against_the_limit(
    limits: dict[str, int], words: str, is_over: bool
) -> None:
    [length] = card(description(title="Acme shoes"), limits=limits).find("p", "length")
    assert (length.text, "over" in length.classes) == (words, is_over)


def test_of_a_list_the_longest_text_counts() -> None:
    made = description(bullets=("red", "a blue mug"))
    [length] = card(made, limits={"bullets": 5}).find("p", "length")
    assert "over" in length.classes
    assert length.text == "2 texts, the longest has: 10 characters, 5 over the limit of 5"


def test_findings_say_their_severity_in_words_and_the_worst_come_first() -> None:
    found = [
        Finding(code="n", field="title", message="a note", severity="note"),
        Finding(code="r", field="own_field", message="it went", severity="removed"),
        Finding(code="w", field="title", message="look"),
    ]
    shown = card(description(title="Shoe", findings=tuple(found)))
    assert [e.text for e in shown.find("li", "finding")] == [
        "Please look at this Title look w",
        "Taken out own field it went r",
        "Good to know Title a note n",
    ]


def test_an_attribute_shows_its_value_and_who_vouches() -> None:
    one = Evidence(value="navy", source="photo", photo=1, name="colour", confidence=0.5)
    made = description(attributes={"colour": "navy", "size": "42"},
                       evidence={"attributes": (one,)})  # fmt: skip
    [listed] = card(made).find("dl", "attributes")
    assert [e.text for e in listed.find("dt")] == ["colour", "size"]
    assert [e.text for e in listed.find("dd")] == ["navyphoto 1, 0.50", "42"]
    assert [m.text for m in listed.find("mark", "by-photo")] == ["navy"]


def test_who_wrote_it_and_when_is_told() -> None:
    made = PROVENANCE.model_copy(update={"templates": {"write": "0123456789abcdef"}})
    shown = card(description(title="Shoe").model_copy(update={"provenance": made}))
    [listed] = shown.find("dl", "made")
    rows = dict(zip([e.text for e in listed.find("dt")],
                    [e.text for e in listed.find("dd")], strict=True))  # fmt: skip
    assert rows == {
        "Written by": "the model m",
        "Version of the model": "r",
        "Prompt templates": "write 01234567",
        "Time": "2026-01-01 00:00 UTC",
        "Library": "productdesc 0",
    }
    by_rules = made.model_copy(update={"written_by": "rules"})
    shown = card(description(title="Shoe").model_copy(update={"provenance": by_rules}))
    assert "rules, after m looked at the photos" in shown.text
    assert "rules wrote these texts" in shown.text


def test_the_legend_shows_each_mark_once() -> None:
    one = Evidence(value="Shoe", source="inferred", kind="sentence", start=0, end=4)
    [legend] = card(description(title="Shoe", evidence={"title": (one,)})).find(
        "ul", "legend"
    )
    kinds = Counter(
        c for e in legend.find("span") for c in e.classes if c.startswith("by-")
    )
    names = ("photo", "attribute", "person", "opinion", "inferred")
    assert kinds == {f"by-{kind}": 1 for kind in names}


# ---- the page ---------------------------------------------------------------------------


@given(st.text(), st.text())
def test_a_page_has_one_title_and_its_language(title: str, language: str) -> None:
    page = page_html(title, language, "<p>body</p>")
    assert page.count("<title>") == page.count("</title>") == 1
    assert "<p>body</p>" in page and page.count("<html") == 1


def test_a_language_stays_within_its_attribute() -> None:
    page = page_html("Shoe", HOSTILE, "")
    assert page.startswith('<!doctype html><html lang="&lt;script&gt;alert(1)')
    assert "<script" not in page


def test_a_page_fetches_nothing_and_may_have_a_theme() -> None:
    made = description(title="Shoe")
    body = card_html(made, FIELDS, [b"j"], limits={}, labels=GERMAN, heading=1)
    page = page_html("Shoe", "de", body, theme="dark")
    assert not re.search(r"https?:|url\(|@import|<link|<script", page)
    assert '<html lang="de" data-theme="dark">' in page and page.count("<style>") == 1
    assert "default-src 'none'" in page and page.count("<h1") == 1
