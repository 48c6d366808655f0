"""Marked texts: no character is lost, each mark says who vouches, nothing acts."""

from __future__ import annotations

from typing import Any

import pytest
from doubles.html_tree import Element, parsed_html
from hypothesis import given
from hypothesis import strategies as st

from productdesc.records import Evidence
from productdesc.render.marked import marked_html, sources_html
from productdesc.render.ui_labels import load_labels
from productdesc.text.printable import visible

LABELS = load_labels()
TEXT = "Navy shoes by Acme. They keep rain out. A lovely gift. Handmade."


def span(words: str, kind: str, source: str, **more: Any) -> Evidence:
    at = TEXT.index(words)
    return Evidence.model_validate(
        {"value": words, "kind": kind, "source": source, "start": at}
        | {"end": at + len(words)}
        | more
    )


EVIDENCE = (
    span("Navy shoes by Acme. ", "sentence", "photo", photo=2, confidence=0.5),
    span("Navy", "claim", "photo", photo=2, confidence=0.5),
    span("Acme", "claim", "attribute", attribute="brand"),
    span("They keep rain out. ", "sentence", "inferred"),
    span("rain", "claim", "inferred"),
    span("A lovely gift. ", "sentence", "inferred", status="opinion"),
    span("Handmade.", "sentence", "person"),
)


def tree(text: str, *evidence: Evidence, item: int | None = None) -> Element:
    return parsed_html(marked_html(text, evidence, labels=LABELS, item=item))


def as_shown(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))


# ---- nothing is lost --------------------------------------------------------------------

NUMBERS = st.none() | st.integers(-5, 60)
SOURCES = st.sampled_from(["photo", "attribute", "person", "inferred"])
ENTRIES = st.builds(
    Evidence,
    value=st.text(max_size=5),
    source=SOURCES,
    photo=st.none() | st.integers(0, 9),
    attribute=st.none() | st.text(max_size=9),
    kind=st.sampled_from(["sentence", "claim", None]),
    status=st.sampled_from(["vouched", "opinion", "inferred"]),
    item=st.none() | st.integers(0, 1),
    start=NUMBERS,
    end=NUMBERS,
    confidence=st.none() | st.floats(0, 1),
)
ODD = st.sampled_from(
    [
        *"<>&\"'\n\r\t\\n\0\x1b\u200b\u200d\u202e\u2066\u05d0\u0633\u0301",
        *("\U0001f469\u200d\U0001f467", "</mark>", "&amp;", "\ud800", "\ufe0f"),
    ]
)
TEXTS = st.lists(ODD | st.text(max_size=6), max_size=12).map("".join)


@given(TEXTS, st.lists(ENTRIES, max_size=8), st.none() | st.integers(0, 1))
def test_the_text_is_whole_whatever_the_spans_are(
    text: str, evidence: list[Evidence], item: int | None
) -> None:
    shown = tree(text, *evidence, item=item)
    assert shown.text == as_shown(text)
    for mark in shown.find("mark"):
        assert mark.text, "a mark around nothing cannot be seen"


def test_a_text_without_evidence_has_no_mark() -> None:
    assert marked_html("a <b>\nc", (), labels=LABELS) == "a &lt;b&gt;<br>c"
    assert marked_html("", EVIDENCE, labels=LABELS) == ""


@pytest.mark.parametrize(
    ("start", "end", "marked"),
    [(0, 4, "Navy"), (-3, 4, "Navy"), (4, 4, None), (5, 2, None), (99, 120, None),
     (55, 999, "Handmade."), (None, 3, None), (3, None, None)],
)  # fmt: skip
def test_a_wrong_span_is_cut_to_the_text_or_left_out(
    start: int | None, end: int | None, marked: str | None
) -> None:
    one = Evidence(value="", source="photo", photo=1, kind="claim", start=start, end=end)
    assert [m.text for m in tree(TEXT, one).find("mark")] == ([marked] if marked else [])


def test_claims_that_overlap_do_not_nest() -> None:
    claims = [
        Evidence(value="", source="photo", photo=n, kind="claim", start=s, end=e)
        for n, (s, e) in enumerate([(0, 10), (5, 15), (2, 4)], 1)
    ]
    shown = tree(TEXT, *claims)
    assert [(m.text, m.attributes["data-photo"]) for m in shown.find("mark")] == [
        ("Navy shoes", "1"),
        (" by A", "2"),
    ]


def test_a_claim_over_two_sentences_is_marked_in_both() -> None:
    over = Evidence(value="", source="photo", photo=1, kind="claim", start=14, end=24)
    shown = tree(TEXT, EVIDENCE[0], EVIDENCE[3], over)
    assert [m.text for m in shown.find("mark")] == ["Acme.", " ", "They"]


# ---- what a mark says -------------------------------------------------------------------


def test_each_sentence_and_claim_says_who_vouches_for_it() -> None:
    shown = tree(TEXT, *EVIDENCE)
    assert [(s.text, s.attributes["class"]) for s in shown.find("span", "sentence")] == [
        ("Navy shoes by Acme.", "sentence by-photo with-claims"),
        ("They keep rain out.", "sentence by-inferred"),
        ("A lovely gift.", "sentence by-opinion"),
        ("Handmade.", "sentence by-person"),
    ]
    assert [(m.text, m.all_text) for m in shown.find("mark")] == [
        ("Navy", "Navy (photo 2, 0.50)"),
        ("Acme", "Acme (attribute brand)"),
        ("rain", "rain (inferred)"),
    ]
    [navy, acme, _] = shown.find("mark")
    assert navy.attributes["data-photo"] == "2"
    assert acme.attributes["data-attribute"] == "brand"
    hints = [h.all_text for s in shown.find("span", "sentence") for h in s.parts[-1:]
             if isinstance(h, Element)]  # fmt: skip
    assert hints == [
        " (sentence: inferred)",
        " (sentence: opinion)",
        " (sentence: a person)",
    ]


def test_only_claims_can_be_reached_by_keys_and_nothing_is_said_by_a_title() -> None:
    shown = tree(TEXT, *EVIDENCE)
    assert {e.tag for e in shown.walk() if "tabindex" in e.attributes} == {"mark"}
    assert all(m.attributes["tabindex"] == "0" for m in shown.find("mark"))
    for element in shown.walk():
        assert not {"title", "style", "id"} & element.attributes.keys()


def test_a_list_shows_each_text_with_its_own_evidence() -> None:
    own = [
        Evidence(value="red", source="photo", photo=n, kind="claim", item=i, start=0, end=3)
        for i, n in ((0, 1), (1, 2))
    ]
    for item, photo in ((0, "1"), (1, "2")):
        [mark] = tree("red mug", *own, item=item).find("mark")
        assert (mark.text, mark.attributes["data-photo"]) == ("red", photo)
    assert not tree("red mug", *own).find("mark")


def test_a_value_that_has_one_source_is_marked_whole() -> None:
    [mark] = tree("shoes", Evidence(value="shoes", source="photo", photo=3)).find("mark")
    assert (mark.text, mark.attributes["data-photo"]) == ("shoes", "3")


def test_what_is_not_vouched_for_is_never_marked_as_if_it_were() -> None:
    odd = Evidence(value="", source="photo", photo=1, status="inferred", kind="claim",
                   start=0, end=4)  # fmt: skip
    assert tree(TEXT, odd).find("mark", "by-inferred")


def test_names_of_attributes_are_escaped_and_seen() -> None:
    name = '"><script>\u202e'
    one = Evidence(
        value="", source="attribute", attribute=name, kind="claim", start=0, end=4
    )
    html = marked_html(TEXT, (one,), labels=LABELS)
    assert "<script" not in html and "\u202e" not in html
    [mark] = parsed_html(html).find("mark")
    assert mark.attributes["data-attribute"] == '"><script>\\u202e'


# ---- who vouches for a field ------------------------------------------------------------


def test_a_field_names_each_source_once_with_its_least_confidence() -> None:
    more = span("shoes", "claim", "photo", photo=2, confidence=0.25)
    listed = parsed_html(sources_html((*EVIDENCE, more), LABELS)).find("li")
    assert [(e.text, e.attributes["class"]) for e in listed] == [
        ("photo 2, 0.25", "by-photo"),
        ("attribute brand", "by-attribute"),
        ("a person", "by-person"),
        ("inferred", "by-inferred"),
        ("opinion", "by-opinion"),
    ]
    assert sources_html((), LABELS) == ""


def test_a_letter_leads_from_a_mark_to_the_attribute_of_the_field() -> None:
    found = [
        Evidence(value="", source="attribute", attribute=f"a{n}", kind="claim",
                 start=n, end=n + 1)
        for n in range(28)
    ]  # fmt: skip
    marks = {m.attributes["data-attribute"]: m.attributes["data-letter"]
             for m in tree(TEXT, *found).find("mark")}  # fmt: skip
    listed = {e.text.removeprefix("attribute "): e.attributes["data-letter"]
              for e in parsed_html(sources_html(found, LABELS)).find("li")}  # fmt: skip
    assert marks == listed and marks["a0"] == "a" and marks["a27"] == "28"
    assert len(set(marks.values())) == 28


def test_in_german_all_words_are_german() -> None:
    html = marked_html(TEXT, EVIDENCE, labels=load_labels("de"))
    assert "(Foto 2, 0,50)" in html and "(Merkmal brand)" in html
    assert "Satz: nicht belegt" in html
