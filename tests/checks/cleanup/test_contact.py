"""Contact data: what is always removed, however it is spelt, and what is none."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from productdesc.checks.cleanup.contact import contact_in
from productdesc.checks.cleanup.not_copy import markup

CONTACT = (
    *(
        "bit.ly/abc",
        "t.me/evil",
        "wa.me",
        "wa.me/491",
        "evil.xyz",
        "evil.top/x",
        "evil.dev",
    ),
    *("evil.me/x", "shop.ch", "evil.in/x", "evil .com", "evil. com", "evil . com"),
    *("evil[dot]com", "evil(.)com", "evil {dot} com", "a(at)b.com", "a [at] b [dot] de"),
    *("a at b dot com", "evil\u2024com", "\uff45\uff56\uff49\uff4c.com", "m\xfcnchen.de"),
    *(
        "vbscript:x",
        "JaVaScRiPt:x",
        "javascript&colon;alert",
        "data:text/html",
        "[a](b.com)",
    ),
    *("[a](/x)", "http://x", "//evil.com", "hxxps://evil.com", "ftp://x", "tel:123"),
    *("evil.com.br", "evil.co.uk", "xn--80ak6aa92e.com", "EVIL.COM", "Evil.com", "www.x"),
    *("evil.shop", "evil.com:8080", "evil.it?x=1", "evil.de", "a.b.evil.fr", "e-vil.io"),
    *("@evil_shop", "a@b.cc", "+49 30 1234567", "555-123-4567", "linktr.ee/x"),
)
COPY = (
    *("cotton.It is", "Made.in", "Dr.Martens", "No.5", "v2.zip", "24/7", "cotton.it is"),
    *("L.Wash cold", "e.g. this", "i.e. that", "10.5 cm", "0.5.kg", "max.10 kg", "and/or"),
    *("Node.js", "1.5l", "U.S. made", "A.P.C. jeans", "s.Oliver", "approx.5 cm"),
    *("color.black and", "data: 5 GB", "12:30", "St.Tropez", "wool.cotton", "it is.to be"),
    *("50/50", "3.5/5", "blue.shoes for", "soft.warm", "(at home)", "[blue] (2.0)"),
)


@pytest.mark.parametrize("text", CONTACT)
def test_contact_data_is_found_in_a_sentence(text: str) -> None:
    assert contact_in(f"Running shoe with laces, see {text} for more", "en")


@pytest.mark.parametrize("text", COPY)
@pytest.mark.parametrize("language", ["en", ""])
def test_copy_is_no_contact_data(text: str, language: str) -> None:
    assert contact_in(f"Running shoe, {text} fine", language) == ""


def test_an_ending_that_is_a_word_of_the_language_counts_elsewhere() -> None:
    for text, ours, theirs in (("evil.de", "fr", "de"), ("evil.it", "en", "de")):
        assert contact_in(text, ours) == "" and contact_in(text, theirs) == text


@pytest.mark.parametrize("text", ["Shoe <|im_start", "Shoe <|im_end|>", "a < |im_start b"])
def test_a_special_token_goes_also_where_it_is_cut(text: str) -> None:
    plain, noise = markup(text)
    assert noise and "im_" not in plain


@given(st.text(st.sampled_from("ab.@:/ ()[]dot&<")), st.sampled_from(["en", "fr", ""]))
def test_any_text_is_judged_and_a_gap_behind_stops_changes_nothing(
    text: str, language: str
) -> None:
    found = contact_in(text, language)
    assert isinstance(found, str) and len(found) <= len(text) + 40
    letters = re.sub(r"[^a-c ]", "", text)
    assert contact_in(letters, language) == ""
