"""Channels: their fields, schemas and limits, and texts made to fit."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from productdesc.channels import (
    CHANNELS,
    Channel,
    clean,
    description_schema,
    find_channel,
    trim,
    write_schema,
)
from productdesc.records import Description, Provenance

channels = pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)


@channels
def test_a_model_may_never_write_more_than_the_channel_takes(channel: Channel) -> None:
    for field in channel.fields:
        assert 2 <= field.write <= field.limit, field


@channels
@pytest.mark.parametrize("photos", [1, 3])
def test_the_write_schema_bounds_every_string_and_fills_every_list(
    channel: Channel, photos: int
) -> None:
    schema = write_schema(channel.fields, photos)
    assert list(schema["required"]) == [f.name for f in channel.fields]
    for shape in schema["properties"].values():
        text = shape["items"] if shape["type"] == "array" else shape
        assert text["maxLength"] > text["minLength"] > 0
        if shape["type"] == "array":
            assert shape["maxItems"] >= shape["minItems"] > 0


def test_there_is_one_alt_text_a_photo_and_none_without_photos() -> None:
    fields = find_channel("shopify").pick(["alt_texts"])
    assert write_schema(fields, 3)["properties"]["alt_texts"]["minItems"] == 3
    assert write_schema(fields, 0)["properties"] == {}


def test_fields_come_in_the_channels_order_and_a_wrong_one_names_the_right_ones() -> None:
    shopify = find_channel("shopify")
    assert [f.name for f in shopify.pick(["tags", "title"])] == ["title", "tags"]
    with pytest.raises(ValueError, match=r"google.*'tags'.*title, bullets, description"):
        find_channel("google").pick(["tags"])
    with pytest.raises(ValueError, match=r"'shopfy'.*shopify, google"):
        find_channel("shopfy")


def finished(channel: Channel, **fields: object) -> dict[str, object]:
    values: dict[str, object] = {
        f.name: ("word",) * f.count(1)[0] if f.is_list else "word" for f in channel.fields
    }
    description = Description(
        channel=channel.name,
        category="shoes",
        provenance=Provenance(
            model="m",
            revision="",
            weights_digest="",
            templates={},
            schemas={},
            photos=(),
            library="0",
            settings={},
            time=datetime(2026, 1, 1, tzinfo=UTC),
        ),
        **(values | fields),  # type: ignore[arg-type]
    )
    return description.model_dump(mode="json")


@channels
def test_a_finished_description_fits_its_schema_and_one_over_a_limit_does_not(
    channel: Channel,
) -> None:
    schema = description_schema(channel)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(finished(channel), schema)
    for field in channel.fields:
        long = "x" * (field.limit + 1)
        value = (long,) * field.count(1)[0] if field.is_list else long
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(finished(channel, **{field.name: value}), schema)
        empty: object = ("",) if field.is_list else ""
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(finished(channel, **{field.name: empty}), schema)
    if "tags" not in {f.name for f in channel.fields}:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(finished(channel, tags=("a",)), schema)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Navy trail shoes", 16, "Navy trail shoes"),
        ("Navy trail shoes", 15, "Navy trail"),
        ("Navy trail shoes", 10, "Navy trail"),
        ("Navy shoes with laces", 15, "Navy shoes"),  # "with" announces nothing any more
        ("Shoes, boots, hats", 13, "Shoes, boots"),
        ("Black &amp; white shoes", 9, "Black"),
        ("Black &amp; white shoes", 11, "Black"),
        ("Fish &amp; chips &copy; Dee", 24, "Fish &amp; chips &copy;"),
        ("Donaudampfschiff", 5, ""),
        ("navy 👩‍👩‍👧‍👧 shoes", 8, "navy"),
        ("紺色のランニングシューズ", 6, "紺色のランニ"),
        ("", 5, ""),
    ],
)
def test_a_text_is_cut_at_a_word_end(text: str, limit: int, expected: str) -> None:
    assert trim(text, limit) == expected


@given(st.text(max_size=300), st.integers(0, 120))
def test_a_cut_text_is_short_enough_and_ends_where_a_word_ended(text: str, n: int) -> None:
    text = clean(text)
    cut = trim(text, n)
    assert len(cut) <= n
    assert text.startswith(cut)
    assert trim(cut, n) == cut
    rest = text[len(cut) :]
    assert not (re.search(r"[a-zA-Z]$", cut) and re.match(r"[a-zA-Z]", rest))


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once_and_leaves_valid_text(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode()
    assert not re.search(r"[\x00-\x1f\x7f]", once)
    assert "\n\n" not in clean(text, lines=True)


def test_cleaning_drops_what_hides_and_keeps_what_joins() -> None:
    assert clean("a\u202eb\x00c\ud800 \u00a0d\r\ne") == "abc d e"
    assert clean("a\r\n\r\nb", lines=True) == "a\nb"
    assert clean("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")[2] == "\u200c"
