"""What a text survives that WooCommerce saves again, against what a real shop did."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from doubles.processor_time import MAX_RATIO, growth

from productdesc.catalogs.woocommerce.built_in import ROLES, Role
from productdesc.catalogs.woocommerce.kses_tables import LINE, POST, AllowList
from productdesc.catalogs.woocommerce.survives import (
    TEXTS,
    Text,
    doubled,
    fate,
    forecast,
    survives,
)

RECORDED = Path(__file__).parents[2] / "data" / "woocommerce"
FILES = ("kses.jsonl.gz", "kses_single.jsonl.gz")


class Row(NamedTuple):
    """A text that a real shop saved, not sent and sent, and what it stored of it."""

    text: str
    role: Role
    of: Text
    kept: str
    sent: str


@cache
def rows() -> tuple[Row, ...]:
    lines: list[Any] = []
    for name in FILES:
        with gzip.open(RECORDED / name, "rt", encoding="utf-8", newline="\n") as file:
            lines += [json.loads(line) for line in file][1:]
    return tuple(
        Row(
            text := line["input"],
            role,
            of,
            line.get(f"kept/{role}/{of}", text),
            line.get(f"sent/{role}/{of}", text),
        )
        for line in lines
        for role in ROLES
        for of in TEXTS
    )


def doubled_rows() -> Iterator[tuple[str, Row]]:
    """Rows that sent a text with its backslashes doubled, each with that text."""
    for row in rows():
        text = row.text.replace("\\\\", "\\")
        if text != row.text and doubled(text) == row.text:
            yield text, row


def wrong(of: Text, allowed: AllowList | None = None, holding: str = "") -> list[Row]:
    """Rows whose text is said to stay as it is, and did not in the real shop."""
    return [
        row
        for row in changed(of)
        if holding in row.text and survives(row.text, row.role, of, allowed) == "as it is"
    ]


@cache
def changed(of: Text) -> tuple[Row, ...]:
    return tuple(row for row in rows() if row.of == of and row.kept != row.text)


@pytest.mark.parametrize("of", TEXTS)
def test_a_text_that_is_said_to_stay_stayed_in_the_real_shop(of: Text) -> None:
    assert len(rows()) >= 6 * 2_000
    assert not wrong(of)


def test_a_text_that_is_said_to_stay_when_sent_doubled_did_so_in_the_real_shop() -> None:
    said = [
        (text, row)
        for text, row in doubled_rows()
        if survives(text, row.role, row.of) == "sent with backslashes doubled"
    ]
    assert len(said) > 50
    assert not [(text, row) for text, row in said if row.sent != text]


@pytest.mark.parametrize("role", ROLES)
def test_nearly_all_texts_that_stayed_are_said_to_stay(role: Role) -> None:
    stayed = [row for row in rows() if row.role == role and row.kept == row.text]
    said = [row for row in stayed if survives(row.text, role, row.of) == "as it is"]
    assert len(said) >= 0.9 * len(stayed) > 1_000  # WordPress 7 keeps fewer than 6


ATTRIBUTES = """
    onclick onload onerror onmouseover itemprop srcset sizes contenteditable tabindex
    accesskey draggable property slot part is nonce background formaction autofocus
"""
TAGS = "p div span a img td ul li h2 table strong section video"


@pytest.mark.parametrize("attribute", ATTRIBUTES.split())
def test_the_recordings_refute_one_attribute_too_many_of_any_tag(attribute: str) -> None:
    for tag in TAGS.split():
        wider = {**POST.tags, tag: POST.tags[tag] | {attribute}}
        assert wrong("description", replace(POST, tags=wider), attribute), tag


@pytest.mark.parametrize("tag", ["script", "iframe", "svg", "object", "input", "bdi"])
def test_the_recordings_refute_one_tag_too_many(tag: str) -> None:
    wider = {**POST.tags, tag: frozenset({"src", "type", "data"})}
    assert wrong("description", replace(POST, tags=wider))


@pytest.mark.parametrize(
    ("tag", "attribute"), [("span", "class"), ("br", ""), ("b", "class"), ("a", "rel")]
)
def test_the_recordings_refute_a_name_that_may_hold_more(tag: str, attribute: str) -> None:
    wider = {**LINE.tags, tag: LINE.tags.get(tag, frozenset()) | {attribute}}
    assert wrong("name", replace(LINE, tags=wider))


@pytest.mark.parametrize("style", ["display", "visibility", "transform", "list-style"])
def test_the_recordings_refute_one_style_too_many(style: str) -> None:
    assert wrong("description", replace(POST, styles=POST.styles | {style}))


@pytest.mark.parametrize("scheme", ["javascript", "data", "vbscript", "file", "skype"])
def test_the_recordings_refute_one_scheme_too_many(scheme: str) -> None:
    assert wrong("description", replace(POST, schemes=POST.schemes | {scheme}))


CAUSES = [
    ('<iframe src="https://a.example">', "<iframe> goes"),
    ('<p onclick="x()">t</p>', "<p>: onclick goes"),
    ('<a href="javascript:x">', "<a>: href loses its scheme"),
    ('<p style="display:flex">', "<p>: style loses 'display:flex'"),
    ('<p style="color:red;">', "<p>: style is spelled otherwise"),
    ('<p style="background:url(javascript:x)">', "<p>: style loses"),
    ("<p class='a'>", "is spelled otherwise"),
    ("<p class=a>", "is spelled otherwise"),
    ('<p class="a" class="b">', "goes where it stands twice"),
    ("<br/>", "is spelled otherwise"),
    ('<p title="it\'s">', "<p>: title is spelled otherwise"),
    ("A < B > C", "is spelled otherwise"),
    ("5 < 6", "a lone < becomes &lt;"),
    ("6 > 5", "a lone > becomes &gt;"),
    ("salt & oil", "'& oil' is spelled otherwise (&amp;)"),
    ("&nope; &#39;", "is spelled otherwise"),
    ("&amp;#91;", "becomes an entity"),
    ("<!-- <b>x</b> -->", "a lone <"),
    ("<!-- a--b -->", "comment"),
    ('<!-- wp:image {"id": 1} /-->', "is written anew"),
    ("<!-- wp:group --><p>x</p>", "is never closed"),
    ("<!-- wp:group --><!-- /wp:group -->", "the empty block"),
    ("bell \x07", "U+0007"),
    ("&#150;", "becomes another entity"),
]


@pytest.mark.parametrize(("text", "cause"), CAUSES)
def test_the_cause_is_named(text: str, cause: str) -> None:
    assert fate(text, "shop_manager").survival == "no"
    assert cause in fate(text, "shop_manager").cause
    assert fate("\\" + text, "administrator").survival == "no"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Plain words, “quoted” and 100 %.",
        '<p class="a" data-id="5" style="color: red;margin:0 auto">x &amp; y</p>',
        '<a href="https://a.example/?a=1&amp;b=2" rel="nofollow">x</a><br /><BR>',
        '<img src="/a.png" alt="" /><video src="a.mp4" controls></video>',
        '<!-- wp:list {"ordered":true} --><ol><li>x</li></ol><!-- /wp:list -->',
        '[gallery ids="1,2"] &nbsp;&#8217;&#x2019; it\'s',
    ],
)
def test_what_kses_has_nothing_to_say_about_stays(text: str) -> None:
    assert survives(text, "shop_manager") == "as it is"
    backslash = r"C:\dir " + text
    for role in ROLES:
        assert survives(backslash, role) == "sent with backslashes doubled"


def test_a_name_has_a_list_of_its_own_and_no_space_at_its_ends() -> None:
    for name in ("<span>Sock</span>", '<b class="x">Sock</b>', "Sock<br>"):
        assert survives(name, "shop_manager") == "as it is"
        assert survives(name, "shop_manager", "name") == "no"
        assert survives(name, "administrator", "name") == "as it is"
    for role in ROLES:
        assert survives("Sock ", role, "name") == "no"
    assert survives("<b>Sock</b>", "shop_manager", "name") == "as it is"


def test_the_loss_is_foretold_for_most_texts() -> None:
    lost = [row for row in rows() if survives(row.text, row.role, row.of) == "no"]
    right = [row for row in lost if forecast(row.text, row.role, row.of) == row.kept]
    assert len(right) >= 0.85 * len(lost) > 1_000


@pytest.mark.parametrize(
    "text",
    [
        "<" * 10**6,
        "<!--" * 250_000,
        "&" * 10**6,
        "<p" + " a" * 500_000 + ">",
        '<p style="' + "calc(" * 200_000 + '">',
        '<p title="' + "x " * 500_000,
        "<!-- wp:x -->" * 80_000,
        "<!-- wp:x {" + "}" * 500_000 + " /-->",
    ],
    ids=lambda text: text[:14],
)
def test_a_megabyte_of_anything_is_judged_in_linear_time(text: str) -> None:
    assert survives(text, "shop_manager") == "no"
    run = lambda size: survives(text[:size], "shop_manager")  # noqa: E731
    assert growth(run, most=len(text) // 4) < MAX_RATIO
