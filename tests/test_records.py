"""A description as JSON and back, with a schema of one's own and without."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, Literal

import pytest
from doubles.pictures import jpeg
from factories import description
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, ValidationError, computed_field

from productdesc import Description, Product, ScriptedEngine, describe
from productdesc.catalogs.jsonl import JsonlSink, read_descriptions
from productdesc.catalogs.merge_policy import FIELDS
from productdesc.errors import CatalogError


class Label(BaseModel):
    headline: str
    size: Literal["s", "m"] = "m"
    price: float = 9.5


class Aliased(BaseModel):
    model_config = ConfigDict(extra="forbid")
    headline: str = Field(alias="Head line")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def letters(self) -> int:
        return len(self.headline)


class Nested(BaseModel):
    labels: tuple[Label, ...]
    by_name: dict[str, Aliased]


LABEL = Label(headline="A jug")
ALIASED = Aliased.model_validate({"Head line": "A jug"})
NESTED = Nested(labels=(LABEL, LABEL), by_name={"x": ALIASED})


@pytest.mark.parametrize("custom", [LABEL, ALIASED, NESTED, None])
def test_what_is_dumped_is_read_back_equal(custom: BaseModel | None) -> None:
    made = description(title="Jug", custom=custom)
    model = Description if custom is None else Description[type(custom)]  # type: ignore[misc]
    assert model.model_validate_json(made.model_dump_json()) == made
    assert Description[Label].model_validate_json(description().model_dump_json()) == (
        description()
    )


@pytest.mark.parametrize("custom", [LABEL, ALIASED, NESTED])
@pytest.mark.parametrize("model", [Description, Description[BaseModel]])
def test_the_plain_class_refuses_what_it_would_lose(custom: BaseModel, model: Any) -> None:
    text = description(custom=custom).model_dump_json()
    with pytest.raises(ValidationError, match=r"Description\[YourModel\]\.model_validate"):
        model.model_validate_json(text)


def test_another_schema_is_refused_too() -> None:
    text = description(custom=LABEL).model_dump_json()
    with pytest.raises(ValidationError, match="by_name"):
        Description[Nested].model_validate_json(text)


@given(
    texts=st.tuples(st.text(), st.text(), st.text()),
    lists=st.lists(st.text(), max_size=3),
    pairs=st.dictionaries(st.text(), st.text(), max_size=3),
    price=st.floats(allow_nan=False, allow_infinity=False),
)
def test_any_description_survives(
    texts: tuple[str, str, str], lists: list[str], pairs: dict[str, str], price: float
) -> None:
    made = description(
        title=texts[0],
        description=texts[1],
        bullets=tuple(lists),
        attributes=pairs,
        custom=Label(headline=texts[2], price=price),
    )
    assert Description[Label].model_validate_json(made.model_dump_json()) == made


def test_thumbnails_are_no_part_of_what_is_compared() -> None:
    made = description(title="Jug")
    assert made.with_thumbnails([b"jpeg"]) == made
    assert made != description(title="Bowl") and made != "Jug"


@pytest.mark.parametrize("schema", [None, Label])
def test_a_description_is_equal_after_json_and_pickle(
    schema: type[Label] | None, tmp_path: Path
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg())
    made = describe(Product(title="Jug", photos=path), ScriptedEngine(), schema=schema)
    assert made._thumbnails
    model: Any = Description if schema is None else Description[Label]
    read = model.model_validate_json(made.model_dump_json())
    again = pickle.loads(pickle.dumps(read))
    sent = pickle.loads(pickle.dumps(made))
    everything = [made, read, again, sent, read.with_thumbnails([b"other"])]
    for one in everything:
        assert [one == other for other in everything] == [True] * 5
    other = made.model_copy(update={"title": "Bowl"})
    assert all(one != other and other != one for one in everything)


def test_describe_makes_the_plain_class_only_and_it_is_pickled() -> None:
    class Inner(BaseModel):
        headline: str

    made = describe(Product(title="Jug"), ScriptedEngine(), schema=Inner)
    assert type(made) is Description and isinstance(made.custom, Inner)
    made = describe(Product(title="Jug"), ScriptedEngine(), schema=Label)
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_file_of_descriptions_is_read_with_its_schema(tmp_path: Path) -> None:
    made = description(product_id="a", title="Jug", custom=LABEL)
    with JsonlSink(tmp_path / "d.jsonl", overwrite=FIELDS) as sink:
        sink.save(Product(id="a"), made)
    assert [*read_descriptions(tmp_path / "d.jsonl", Label)] == [made]
    with pytest.raises(CatalogError, match=r"line 1 .*YourModel"):
        list(read_descriptions(tmp_path / "d.jsonl"))
