"""Fit: what a channel refuses is taken out, what it advises is a finding."""

from __future__ import annotations

from dataclasses import replace

import pytest

from productdesc.channels import CHANNELS, Channel, CharacterRule, Field, find_channel
from productdesc.channels.fit import (
    fit_texts,
    over_advised,
    refused_characters,
    within,
)
from productdesc.engines import EngineInfo
from productdesc.pipeline.options import resolve

AMAZON_TITLE, ETSY_TITLE = (find_channel(c).fields[0] for c in ("amazon", "etsy"))


@pytest.mark.parametrize(
    ("field", "text", "fitted", "refused"),
    [
        (AMAZON_TITLE, "Acme! Mug_blue", "Acme Mug blue", "!_"),
        (AMAZON_TITLE, "Best mug?, 30 °C", "Best mug, 30 °C", "?"),
        (AMAZON_TITLE, "Mug \U0001f469\u200d\U0001f680 5 ㎏", "Mug 5 ㎏", "\U0001f469"),
        (AMAZON_TITLE, "Mug & bowl, 50 % linen", "Mug & bowl, 50 % linen", ""),
        (ETSY_TITLE, "Salt & pepper & oil", "Salt & pepper oil", "&"),
        (ETSY_TITLE, "Ring: gold + silver: 5%", "Ring: gold + silver 5%", ":"),
        (ETSY_TITLE, "Acme™ ring ★ `fine`", "Acme™ ring fine", "★`"),
        (ETSY_TITLE, "Ring! What a ring?", "Ring! What a ring?", ""),
    ],
)
def test_characters_that_a_channel_refuses_are_taken_out_and_told(
    field: Field, text: str, fitted: str, refused: str
) -> None:
    texts, findings = fit_texts({"title": text}, [field])
    assert texts == {"title": fitted} and within(text, field) == fitted
    assert [f.code for f in findings] == ["refused-characters"] * bool(refused)
    assert all(sign in f.message for f in findings for sign in refused)
    told = list(refused_characters({"title": text}, [field]))
    assert bool(told) == bool(refused)
    assert not any(refused_characters(texts, [field])), "what is left is taken"


def test_persian_keeps_its_joiner_where_emoji_are_refused() -> None:
    text = "کتاب می\u200cخواهم"
    assert within(text, AMAZON_TITLE) == text


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
def test_a_channel_that_refuses_nothing_changes_no_sign(channel: Channel) -> None:
    text = "A $5 mug! 50 % & 30 %: + ★ ™"
    for field in channel.fields:
        if field.characters is None:
            assert within(text, replace(field, limit=99)) == text
        else:
            assert within(text, replace(field, limit=99)) != text


def test_a_text_over_what_is_advised_is_told_and_not_cut() -> None:
    long = "Mug " * 25 + "x"
    texts, findings = fit_texts({"title": long}, [AMAZON_TITLE])
    assert texts["title"] == long and not findings
    [found] = over_advised(texts, [AMAZON_TITLE])
    assert (found.code, found.field, found.severity) == ("over-advised", "title", "warning")
    assert found.message == "101 characters, 79 are advised; shorten it"
    assert not [*over_advised({"title": "x" * 79}, [AMAZON_TITLE])]


def test_etsy_advises_a_number_of_words() -> None:
    assert not [*over_advised({"title": "mug " * 14}, [ETSY_TITLE])]
    [found] = over_advised({"title": "mug " * 15}, [ETSY_TITLE])
    assert found.message == "15 words, 14 are advised; shorten it"


def test_each_item_of_a_list_is_looked_at() -> None:
    field = Field("bullets", 99, 50, items=(1, 3), advised=5)
    texts = {"bullets": ("short", "longer")}
    assert [f.value for f in over_advised(texts, [field])] == ["longer"]


def test_advice_is_below_the_limit_and_a_model_may_not_write_over_it() -> None:
    fields = [f for c in CHANNELS.values() for f in c.fields if f.advised is not None]
    assert fields
    assert all(f.write <= f.advised < f.limit for f in fields if f.advised is not None)


# The digest of each channel before `advised` and `characters` existed.
OF_BEFORE = {
    "shopify": "efd27afa4852a53178cdd07ac6918860f9147b80d5ad89f12ccf508e5cc44dd3",
    "woocommerce": "49a3ef4d4aa924f83ca74835e197ef829f7e9fe4a0fd6ec644e057a102ec024f",
}


@pytest.mark.parametrize("name", OF_BEFORE)
def test_drafts_from_before_the_younger_limits_stay_fresh(name: str) -> None:
    options = resolve(EngineInfo("m", "r", "d"), {"channel": name})
    assert options.part_digests["channel"] == OF_BEFORE[name]


def test_a_limit_that_is_given_is_part_of_the_digest() -> None:
    info, shopify = EngineInfo("m", "r", "d"), find_channel("shopify")
    changed = replace(
        shopify,
        fields=(replace(shopify.fields[0], advised=70), *shopify.fields[1:]),
    )
    refusing = replace(
        shopify,
        fields=(
            replace(shopify.fields[0], characters=CharacterRule("!")),
            *shopify.fields[1:],
        ),
    )
    others = {resolve(info, {"channel": c}).digest for c in (changed, refusing)}
    assert len(others | {resolve(info, {}).digest}) == 3
