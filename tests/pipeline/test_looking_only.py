"""A model that only looks: rules write its copy, in every language that has tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from doubles.pictures import picture
from pydantic import BaseModel

from productdesc import Description, Product, ScriptedEngine, describe
from productdesc.channels import CHANNELS, description_schema
from productdesc.engines import EngineInfo, Request
from productdesc.records import Provenance
from productdesc.taxonomy import Category, Taxonomy
from productdesc.words.writing.copy_tables import COPY_LANGUAGES

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PRODUCT = Product(id="7", photos=picture(), attributes={"brand": "Acme"})
TITLED = Product(id="8", title="Acme runner", photos=picture())


class Card(BaseModel):
    headline: str


def looker(**changes: Any) -> ScriptedEngine:
    """Sees navy shoes, and fails where it is asked to write."""

    def answer(request: Request) -> Any:
        return {"category": "shoes", "attributes": {"colour": "navy"}, "text": []}

    given = {"categories": ("shoes", "other product"), "writes": False, **changes}
    return ScriptedEngine(answer, info=EngineInfo("looker", "1", "w", **given))


LOOKS = {"visible": {"colour": ["navy", "black"]}}


def test_a_model_that_only_looks_is_asked_once_and_nothing_after() -> None:
    engine = looker()
    d = describe(PRODUCT, engine, **LOOKS)
    assert len(engine.requests) == 1 and engine.requests[0].ends
    assert d.title == "Acme Navy Shoes"
    assert d.description == "Navy shoes by Acme."
    assert d.bullets == ("Type: shoes", "Brand: Acme", "Colour on the photo: navy")
    assert d.alt_texts == ("Photo of navy shoes",)
    assert d.findings == ()
    made = d.provenance
    assert made.written_by == "rules"
    assert set(made.templates) == {"system", "observe"} and set(made.schemas) == {"observe"}


@pytest.mark.parametrize("language", COPY_LANGUAGES)
@pytest.mark.parametrize("channel", CHANNELS)
def test_the_same_product_gets_the_same_text_that_fits_its_channel(
    channel: str, language: str
) -> None:
    given = {"channel": channel, "language": language, "clock": lambda: NOW, **LOOKS}
    for product in (PRODUCT, TITLED):
        first, again = (describe(product, looker(), **given) for _ in range(2))
        assert first.model_dump() == again.model_dump()
        schema = description_schema(CHANNELS[channel])
        jsonschema.validate(json.loads(first.model_dump_json()), schema)
        assert first.title == (product.title or first.title)
        statuses = {
            (name, e.status)
            for name, found in first.evidence.items()
            for e in found
            if e.kind == "sentence" and e.status != "vouched"
        }
        assert not statuses


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({"schema": Card}, "schema= needs a model that writes, such as Qwen2-VL"),
        ({"template": "google.j2"}, "template= needs a model that writes"),
        ({"language": "pl"}, "in en, de, fr, es, it; language='pl' needs a model"),
    ],
)
def test_what_asks_it_for_free_text_is_one_clear_error(
    asked: dict[str, Any], what: str
) -> None:
    engine = looker()
    with pytest.raises(ValueError, match="looker looks at photos, and rules write") as e:
        describe(PRODUCT, engine, **asked)
    assert what in str(e.value) and not engine.requests


def test_a_folder_of_templates_may_change_how_it_looks_and_not_how_it_writes(
    tmp_path: Path,
) -> None:
    (tmp_path / "observe.j2").write_text("Look.", "utf-8")
    assert describe(PRODUCT, looker(), templates=tmp_path, **LOOKS).title
    (tmp_path / "write.j2").write_text("Write.", "utf-8")
    with pytest.raises(ValueError, match=r"write\.j2 of templates= needs a model that"):
        describe(PRODUCT, looker(), templates=tmp_path)
    (tmp_path / "shopify.j2").write_text("Write.", "utf-8")
    with pytest.raises(ValueError, match=r"shopify\.j2 of templates= needs a model that"):
        describe(PRODUCT, looker(), templates=tmp_path)


def test_its_own_list_of_languages_does_not_bind_the_rules() -> None:
    d = describe(PRODUCT, looker(languages=("en",)), language="de", **LOOKS)
    assert d.title == "Acme Schuhe, marineblau"


def test_a_general_model_that_only_looks_is_still_asked_for_the_category() -> None:
    def answer(request: Request) -> Any:
        if len(request.schema["properties"]) == 1:
            return {"category": "Shoes"}
        return {"category": "shoes", "attributes": {"colour": "navy"}, "text": []}

    info = EngineInfo("general", "1", "w", writes=False)
    engine = ScriptedEngine(answer, info=info)
    tree = Taxonomy("mine", "1", [Category("1", "Shoes"), Category("2", "Hats")])
    d = describe(PRODUCT, engine, taxonomy=tree, **LOOKS)
    assert (d.category, d.title) == ("Shoes", "Acme Navy Shoes")
    assert [request.ends for request in engine.requests] == [False, False]


def test_only_the_fields_that_are_asked_for_are_composed() -> None:
    d = describe(PRODUCT, looker(), fields=["title"], **LOOKS)
    assert d.title and not d.description and not d.bullets


def test_a_page_says_that_rules_wrote() -> None:
    shown = describe(PRODUCT, looker(), **LOOKS)._repr_html_()
    assert "rules wrote these texts" in shown and "name Qwen2-VL" in shown
    written = describe(PRODUCT, ScriptedEngine())._repr_html_()
    assert "rules wrote" not in written


def test_who_wrote_is_in_the_json_and_files_of_before_are_read() -> None:
    d = describe(PRODUCT, looker(), **LOOKS)
    again = Description.model_validate_json(d.model_dump_json())
    assert again.provenance.written_by == "rules"
    old = json.loads(d.provenance.model_dump_json())
    del old["written_by"]
    assert Provenance.model_validate(old).written_by == "model"
