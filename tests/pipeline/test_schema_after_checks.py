"""A user's own schema holds, whatever the checks take out of its texts."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model

from productdesc import Product, ScriptedEngine, describe
from productdesc.engines.scripted import shortest

LIES = (
    *("Only $19.99 today!", "Made in Italy.", "A silk shirt.", "Navy shoes by Acme."),
    *("It keeps rain out.", "100% cotton", "Waterproof jacket", "x", "A lovely gift."),
)
TEXTS = st.lists(st.sampled_from(LIES), min_size=1, max_size=3).map(" ".join)


@st.composite
def text_fields(draw: st.DrawFn) -> tuple[Any, Any]:
    """A type with limits that its own value keeps, and that value."""
    text = draw(TEXTS)
    match draw(st.sampled_from(["bounded", "choice", "pattern", "list", "free"])):
        case "bounded":
            least = draw(st.integers(0, len(text)))
            most = draw(st.integers(len(text), 400))
            return Annotated[str, Field(min_length=least, max_length=most)], text
        case "choice":
            return Literal[text, "none"], text
        case "pattern":
            return Annotated[str, Field(pattern=f"^{text[:3].translate(_ESCAPED)}")], text
        case "list":
            texts = draw(st.lists(TEXTS, min_size=1, max_size=3, unique=True))
            one = Annotated[
                str, Field(min_length=draw(st.integers(0, min(map(len, texts)))))
            ]
            return Annotated[list[one], Field(min_length=len(texts))], texts  # type: ignore[valid-type]
        case _:
            return str, text


_ESCAPED = {ord(sign): f"\\{sign}" for sign in "$.%!"}
FIELDS = st.dictionaries(
    st.sampled_from(["title", "note", "care", "mood", "points"]),
    text_fields(),
    min_size=1,
    max_size=4,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FIELDS, st.booleans(), st.sampled_from(["all", "opinions", "none"]))
def test_the_object_is_valid_after_removals(
    fields: dict[str, tuple[Any, Any]], is_nested: bool, inferred: Any
) -> None:
    types: Any = {name: (kind, ...) for name, (kind, _) in fields.items()}
    answer: Any = {name: value for name, (_, value) in fields.items()}
    schema: type[BaseModel] = create_model("Inner", **types)
    if is_nested:
        schema, answer = create_model("Outer", inner=(schema, ...)), {"inner": answer}
    schema.model_validate(answer)
    looks = iter([True])
    engine = ScriptedEngine(lambda r: shortest(r.schema) if next(looks, False) else answer)
    product = Product(title="Acme shoes", attributes={"brand": "Acme"})
    description = describe(product, engine, schema=schema, inferred=inferred)
    assert description.custom is not None
    again = json.loads(description.custom.model_dump_json())
    assert schema.model_validate(again) == description.custom
