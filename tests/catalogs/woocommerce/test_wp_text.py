"""What WordPress keeps of a text, texts that it keeps whole, and signed requests."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable

import pytest
from doubles.processor_time import MAX_RATIO, growth
from doubles.shop_servers import woocommerce_server as stand_in
from doubles.wordpress.stored import stored
from hypothesis import given
from hypothesis import strategies as st

from productdesc.catalogs.shop_text.shop_html import to_text
from productdesc.catalogs.woocommerce.rest.oauth import (
    base_string,
    query_string,
    signature,
    signed,
)
from productdesc.catalogs.woocommerce.wp_text import (
    Unstorable,
    body_html,
    canonical,
    list_html,
    plain_line,
    stored_html,
    stored_line,
    title_html,
)
from productdesc.secret import Secret

PIECES = r"""
    <b> </b> <script> </script> <p_onclick=x> &amp; &#92; &amp;#92; &lt; <!-- --> <br/>
    [gallery] \n \\ http://a.example a _
"""
NASTY = st.text(
    st.one_of(
        st.sampled_from("<>&;#\\[]\"' =/%abxn01\n\r\t\x00\x07\x1f\u00a0\u2028-"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
) | st.lists(
    st.sampled_from([piece.replace("_", " ") for piece in PIECES.split()]), max_size=12
).map("".join)


# Measured on WooCommerce 10.0.2 over WordPress 6.8.
MEASURED = [
    (r"a\b", "ab"),
    (r"a\\b", r"a\b"),
    ("nul\x00bel\x07.", "nulbel."),
    ("salt & pepper", "salt &amp; pepper"),
    ("a < b", "a &lt; b"),
    ("&#92;", "&#092;"),
    ("<script>alert(1)</script> shoes", "alert(1) shoes"),
    ("<b onclick=x>bold</b>", "<b>bold</b>"),
    ('<p style="color:red">x</p>', '<p style="color:red">x</p>'),
    ("one\r\ntwo", "one\r\ntwo"),
    ("  lead", "  lead"),
    ("🥿 \u2028 end", "🥿 \u2028 end"),
    ('[products limit="1"]', '[products limit="1"]'),
    ("<b>kept in names</b>", "<b>kept in names</b>"),
]


def rest_stores(text: str) -> str:
    return stored(text, "description", "shop_manager", is_sent=True)


@pytest.mark.parametrize(("sent", "kept"), MEASURED, ids=lambda t: ascii(t))
@pytest.mark.parametrize("model", [stored_html, rest_stores], ids=["ours", "stand-in"])
def test_what_was_measured_in_a_real_shop(
    model: Callable[[str], str], sent: str, kept: str
) -> None:
    assert model(sent) == kept


@given(NASTY)
def test_keeping_what_was_kept_changes_nothing(text: str) -> None:
    # Of doubled backslashes one is left, so that WordPress's rule is no normal form there.
    once = stored_html(text.replace("\\", ""))
    assert stored_html(once) == once


@given(NASTY)
def test_the_canonical_form_is_its_own(markup: str) -> None:
    assert canonical(canonical(markup)) == canonical(markup)


def test_what_a_browser_shows_alike_is_the_same() -> None:
    assert canonical("<P>a&#092;b<br />c</P>\n") == canonical("<p>a\\b<br>c</p>")
    assert canonical("<p>a  b</p>") == canonical("<p> a\nb </p>")
    assert canonical("<p>a</p>") != canonical("<p>b</p>")
    assert canonical("<b>a</b>") != canonical("a")
    assert canonical("&amp;lt;") != canonical("&lt;")


@pytest.mark.parametrize("build", [body_html, title_html, lambda t: list_html([t, "x"])])
@given(text=NASTY)
def test_what_we_build_is_kept_as_it_is_or_refused(
    build: Callable[[str], str], text: str
) -> None:
    try:
        made = build(text)
    except Unstorable:
        assert any(ord(c) < 32 and c not in "\t\n\r" for c in text)
        return
    assert stored_html(made) == made == rest_stores(made)


@pytest.mark.parametrize("build", [body_html, title_html])
@given(text=NASTY)
def test_what_we_build_reads_as_it_was_given(
    build: Callable[[str], str], text: str
) -> None:
    try:
        made = build(text)
    except Unstorable:
        return
    shown = html.unescape(re.sub(r"<[^>]*>", " ", made))
    assert shown.split() == text.split() == to_text(made).split()


@given(NASTY)
def test_nothing_in_a_description_runs(text: str) -> None:
    try:
        made = body_html(text)
    except Unstorable:
        return
    assert not set("[]\\") & set(made)
    assert "://" not in made
    assert set(re.findall(r"<[^>]*>", made)) <= {"<p>", "</p>", "<br>"}


@given(NASTY)
def test_a_line_is_kept_as_it_is_or_refused(text: str) -> None:
    try:
        made = plain_line(text, "alt text 1")
    except Unstorable:
        return
    assert stored_line(made) == made == stand_in.unslash(stand_in.plain_line(made))
    assert made.split() == text.split()


LINE_PIECES = ["<script", "<STYLE", ">", "</script>", "</Style>", "<", "%", "4", "e", " "]


@given(st.lists(st.sampled_from([*LINE_PIECES, "a", "\n", "\u00a0"])).map("".join))
def test_a_line_is_stored_as_wordpress_does_it_again_and_again(text: str) -> None:
    """WordPress's own way takes a square of the time, so it is not ours."""
    line = re.sub(
        r"<(script|style)[^>]*?>.*?</\1>", "", lone_less(text), flags=re.I | re.DOTALL
    )
    line = re.sub(r"[\r\n\t ]+", " ", re.sub(r"<[^>]*>", "", line)).strip(" \t\n\r\0\x0b")
    while re.search(r"%[a-fA-F0-9]{2}", line):
        line = re.sub(r" +", " ", re.sub(r"%[a-fA-F0-9]{2}", "", line)).strip()
    assert stored_line(text) == line


def lone_less(text: str) -> str:
    """Each "<" that no ">" ends before the next one, as an entity."""
    return re.sub(r"<(?![^<>]*>)[^<]*", lambda m: html.escape(m[0]), text)


@pytest.mark.parametrize(
    "line",
    [
        lambda size: "<script" * size,
        lambda size: "<script>" * size + "</style>",
        lambda size: "%" * size + "41" * size,
        lambda size: "<a" + " " * size + "x>",
        lambda size: "</a" * size,
    ],
)
@pytest.mark.parametrize("read", [stored_line, stored_html, canonical])
def test_the_time_for_a_text_grows_as_the_text_does(
    read: Callable[[str], str], line: Callable[[int], str]
) -> None:
    assert growth(lambda size: read(line(size)), most=1 << 15) < MAX_RATIO


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a\x07b", "U\\+0007"),
        ("a\x00b", "U\\+0000"),
        ("half \ud83d", "U\\+D83D"),
    ],
)
@pytest.mark.parametrize("build", [body_html, title_html, lambda t: plain_line(t, "it")])
def test_characters_that_cannot_be_kept_are_named(
    build: Callable[[str], str], text: str, why: str
) -> None:
    with pytest.raises(Unstorable, match=why):
        build(text)


@pytest.mark.parametrize("text", ["a \\ b", "5 <b>x</b>", "50%ad", "a < b"])
def test_an_alt_text_that_would_change_is_refused(text: str) -> None:
    with pytest.raises(Unstorable, match="alt text 2"):
        plain_line(text, "alt text 2")


# --- Signatures --------------------------------------------------------------------------

PHOTOS = [
    ("file", "vacation.jpg"),
    ("size", "original"),
    ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
    ("oauth_token", "nnch734d00sl2jdk"),
    ("oauth_signature_method", "HMAC-SHA1"),
    ("oauth_timestamp", "1191242096"),
    ("oauth_nonce", "kllo9940pd9333jh"),
    ("oauth_version", "1.0"),
]


def test_the_signature_of_the_oauth_core_specification() -> None:
    base = base_string("GET", "http://photos.example.net/photos", PHOTOS)
    assert base == (
        "GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacation.jpg%26"
        "oauth_consumer_key%3Ddpf43f3p2l4k3l03%26oauth_nonce%3Dkllo9940pd9333jh%26"
        "oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1191242096%26"
        "oauth_token%3Dnnch734d00sl2jdk%26oauth_version%3D1.0%26size%3Doriginal"
    )
    made = signature(base, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00", digest="sha1")
    assert made == "tR3+Ty81lMeYAr/Fid0kMTYa/WM="


def test_the_base_string_of_rfc_5849() -> None:
    pairs = [
        ("b5", "=%3D"),
        ("a3", "a"),
        ("c@", ""),
        ("a2", "r b"),
        ("oauth_consumer_key", "9djdj82h48djs9d2"),
        ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "137131201"),
        ("oauth_nonce", "7d8f3e4a"),
        ("c2", ""),
        ("a3", "2 q"),
    ]
    assert base_string("post", "http://EXAMPLE.COM:80/request", pairs) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26"
        "b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26"
        "oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26"
        "oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


def test_the_base_string_of_woocommerces_documentation() -> None:
    pairs = [("oauth_consumer_key", "abc123"), ("oauth_signature_method", "HMAC-SHA1")]
    assert base_string("GET", "http://www.example.com/wp-json/wc/v3/orders", pairs) == (
        "GET&http%3A%2F%2Fwww.example.com%2Fwp-json%2Fwc%2Fv3%2Forders&"
        "oauth_consumer_key%3Dabc123%26oauth_signature_method%3DHMAC-SHA1"
    )


@given(
    st.lists(
        st.tuples(st.text("ab_[]% é&", min_size=1), st.text("x1 ,+%&=é/")), max_size=4
    ),
    st.integers(1, 65535),
)
def test_the_stand_in_verifies_what_we_sign(
    query: list[tuple[str, str]], port: int
) -> None:
    query = list(dict(query).items())
    shop = stand_in.Shop("ck_1", "cs_1")
    url = f"http://shop.example:{port}/wp-json/wc/v3/products"
    how = {"key": Secret("ck_1"), "timestamp": int(time.time()), "nonce": "n"}
    pairs = signed("GET", url, query, secret=Secret("cs_1"), **how)  # type: ignore[arg-type]
    # WooCommerce signs the address as it is set up, which names no default port
    shown = url if port != 80 else url.replace(":80/", "/")
    shop.check("GET", shown, query_string(pairs), "", tls=False)
    wrong = signed("GET", url, query, secret=Secret("cs_2"), **how)  # type: ignore[arg-type]
    with pytest.raises(stand_in.WooError, match="does not match"):
        shop.check("GET", shown, query_string(wrong), "", tls=False)
