"""Channels: their fields, schemas and limits."""

from __future__ import annotations

import jsonschema
import pytest
from factories import PROVENANCE

from productdesc.channels import (
    CHANNELS,
    Channel,
    description_schema,
    find_channel,
    write_schema,
)
from productdesc.records import Description

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


def test_the_limits_of_a_channel_are_those_of_its_fields() -> None:
    limits = find_channel("shopify").limits
    assert (limits["title"], limits["seo_title"], limits["description"]) == (255, 70, 5000)
    assert set(find_channel("vendure").limits) == set(find_channel("vendure").names)


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
        provenance=PROVENANCE,
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
