"""A secret is hidden in whatever way a server spells it."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from doubles.processor_time import MAX_RATIO, growth
from hypothesis import given
from hypothesis import strategies as st

from productdesc.secret import REDACTED, Secret

KEYS = (
    *("sk-ab/cd+EFGH==", "ck_0123456789abcdef", 'a"b&c<d>e~', "p%41\\u0041"),
    *("a\\\\b\\", "\\\\host\\a/b"),
)
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": lambda key: json.dumps(key)[1:-1],
    "json of php": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "json in json": lambda key: json.dumps(json.dumps(key)[1:-1])[1:-1],
    "json in capitals": lambda key: "".join(f"\\u{ord(c):04X}" for c in key),
    "json, some": lambda key: re.sub(r"[+/=&<>]", lambda m: f"\\u{ord(m[0]):04x}", key),
    "url": lambda key: quote(key, safe=""),
    "url in lower case": lambda key: quote(key, safe="").lower().replace("efgh", "EFGH"),
    "url, all": lambda key: "".join(f"%{ord(c):02x}" for c in key),
    "url twice": lambda key: quote(quote(key, safe=""), safe=""),
    "html": html.escape,
    "html, decimal": lambda key: "".join(f"&#{ord(c)};" for c in key),
    "html, padded": lambda key: "".join(f"&#{ord(c):04};" for c in key),
    "html, hex": lambda key: "".join(f"&#x{ord(c):X};" for c in key),
    "html twice": lambda key: html.escape(html.escape(key)),
    "html by name": lambda key: key.replace("/", "&sol;").replace("+", "&plus;"),
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_hidden(key: str, spelling: str) -> None:
    spelt = SPELLINGS[spelling](key)
    said = Secret(key).hide(f"Invalid key: Bearer {spelt}, try again {spelt}.")
    assert said == f"Invalid key: Bearer {REDACTED}, try again {REDACTED}."


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4))
def test_any_key_is_hidden_and_nothing_else_changes(key: str) -> None:
    secret = Secret(key)
    for spell in SPELLINGS.values():
        if spell is not SPELLINGS["url in lower case"]:
            assert secret.hide(f"<{spell(key)}>") == f"<{REDACTED}>"
    text = base64.b64encode(key.encode()).decode()
    assert secret.hide(f"{text} is fine") == f"{text} is fine" or key in text


@pytest.mark.parametrize("key", [*KEYS, "a\\\\b\\", "\\"])
@pytest.mark.parametrize("unit", ["\\", "\\u00", "&amp;", "&", "%25", "a\\\\"])
def test_the_time_to_hide_a_key_grows_as_the_text_does(key: str, unit: str) -> None:
    secret = Secret(key)
    assert growth(lambda size: secret.hide(unit * size + "x")) < MAX_RATIO


def test_the_pattern_is_shown_nowhere() -> None:
    secret = Secret("sk-very-secret")
    secret.hide("x")
    shown = f"{secret!r} {secret} {[getattr(secret, n) for n in Secret.__slots__]}"
    assert "very" not in shown
