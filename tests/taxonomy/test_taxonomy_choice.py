"""A category that is always a path of the taxonomy, whoever chooses it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubles.pictures import picture
from doubles.tiny_qwen2vl import make
from hypothesis import example, given
from hypothesis import strategies as st
from llguidance import LLMatcher, LLTokenizer

from productdesc import (
    Described,
    Failed,
    OutputError,
    Product,
    ScriptedEngine,
    describe,
    describe_many,
    load_engine,
)
from productdesc.engines import Answer, Engine, EngineInfo, Request, Settings
from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer
from productdesc.engines.qwen2vl.scheduler.token_mask import GrammarCache
from productdesc.engines.structured.compile import compile_schema
from productdesc.engines.structured.schema import prepare, schema_key
from productdesc.errors import PromptError
from productdesc.records import Present
from productdesc.taxonomy import Attribute, Category, Taxonomy, load_taxonomy

NECKLINE = Attribute("neckline", "Neckline", ("Crew", "V-neck", "Other"))
SLEEVE = Attribute("sleeve", "Sleeve length type", ("Long", "Short"))
SOLE = Attribute("sole", "Closure type", ("Laces", "Buckle"))
FABRIC = Attribute("fabric", "Fabric", ("Silk", "Wool"))


def small() -> Taxonomy:
    def of(number: str, path: str, *has: Attribute) -> Category:
        gid = "gid://shopify/TaxonomyCategory/"
        above = number.rpartition("-")[0]
        return Category(gid + number, path, gid + above if above else "", has)

    return Taxonomy(
        "shopify",
        "1",
        [
            of("aa", "Apparel"),
            of("aa-1", "Apparel > Dresses", NECKLINE, SLEEVE, SOLE, FABRIC),
            of("aa-1-1", "Apparel > Dresses > Maxi Dresses", NECKLINE),
            of("aa-8", "Apparel > Shoes"),
            of("aa-8-1", "Apparel > Shoes > Running Shoes"),
            of("aa-8-2", 'Apparel > Shoes > 3" Heels'),
            of("hg", "Home & Garden"),
            of("na", "Uncategorized"),
        ],
    )


def generated(count: int) -> Taxonomy:
    """A tree of so many paths, with accents and quotes, and names that begin others."""
    made: list[Category] = []
    for number in range(count):
        size = f'Kind {number} of 5"' if number % 7 else f"Kind {number}"
        if number < 26:
            made.append(Category(f"g-{number}", f"Department {number}"))
            continue
        above = made[number % 26 if number < 260 else 26 + number % 234]
        name = f"Étagère {number} & more" if number < 260 else size
        made.append(Category(f"g-{number}", f"{above.path} > {name}", above.id))
    return Taxonomy("google", "generated", made)


def chooses(taxonomy: Taxonomy) -> dict[str, Any]:
    return one_of(taxonomy.paths)


def one_of(paths: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"category": {"enum": paths}},
        "required": ["category"],
        "additionalProperties": False,
    }


# ---- the grammar ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="module")
def grammars(folder: Path) -> GrammarCache:
    checkpoint = inspect(folder)
    vocabulary = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
    return GrammarCache(checkpoint.tokenizer, vocabulary, checkpoint.config["vocab_size"])


def takes(matcher: LLMatcher, text: str) -> bool:
    """Whether a reply can be exactly this text."""
    data, fresh = text.encode(), matcher.deep_copy()
    good = fresh.try_consume_tokens(list(data))
    return bool(good == len(data) and fresh.is_accepting())


NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=5
)
PATHS = st.lists(
    st.lists(NAMES, min_size=1, max_size=3).map(" > ".join), min_size=1, max_size=12
)


@given(paths=PATHS, more=PATHS)
@example(paths=['"', "\\", "a > ", " > a", "a", "a > a", "\n", "(|)*", "/x/i"], more=["b"])
def test_the_grammar_of_a_choice_takes_its_texts_and_no_others(
    paths: list[str], more: list[str]
) -> None:
    _, matcher = compile_schema(one_of(paths), LLTokenizer("byte"))
    for path in [*paths, *more, paths[0][:-1], paths[0] + "x"]:
        text = json.dumps({"category": path}, ensure_ascii=False, separators=(",", ":"))
        assert takes(matcher, text) == (path in paths), path
        assert not takes(matcher, text + " ")


SCALARS = st.sampled_from([None, True, False, 0, 1, 0.0, -0.0, 1.0, "a", "b", "1"])
SCHEMAS = st.dictionaries(
    st.sampled_from(["a", "b", "enum"]),
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.lists(inner, max_size=3).map(tuple)
            | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)
        ),
        max_leaves=5,
    ),
    max_size=3,
)


@given(one=SCHEMAS, other=SCHEMAS)
@example(one={"a": (1,)}, other={"a": [True]})
@example(one={"a": 1, "b": 2}, other={"b": 2, "a": 1})
@example(one={"a": ("x", "y")}, other={"a": ["x", "y"]})
def test_two_schemas_share_a_grammar_only_if_they_are_the_same_json(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert (schema_key(one) == schema_key(other)) == (prepare(one) == prepare(other))


def test_a_choice_with_a_control_character_is_refused_like_any_other(
    grammars: GrammarCache,
) -> None:
    schema = one_of([*generated(600).paths, "tab\t"])
    with pytest.raises(PromptError, match="control character"):
        grammars.start(schema)


def test_random_tokens_and_any_cap_end_in_a_path_of_ten_thousand(
    grammars: GrammarCache,
) -> None:
    taxonomy = generated(10_000)
    schema, known = chooses(taxonomy), set(taxonomy.paths)
    random = np.random.default_rng(3)
    seen = set()
    for cap in [*range(1, 60), *[999] * 40]:
        reply = grammars.start(dict(schema))
        while not reply.is_complete and len(reply.ids) < cap:
            reply.add(int(random.choice(np.nonzero(reply.mask())[0])))
        if not reply.is_complete:
            reply.close()
        said = json.loads(reply.text)
        assert list(said) == ["category"] and said["category"] in known
        seen.add(said["category"])
    assert len(seen) > 40


# ---- random weights ---------------------------------------------------------------------


def named(settings: Settings) -> str:
    return f"cap {settings.max_tokens}, temperature {settings.temperature:g}"


DECODING = [
    Settings(max_tokens=90),
    Settings(max_tokens=90, temperature=1.0),
    Settings(max_tokens=90, temperature=2.0, seed=5),
    *(Settings(max_tokens=n, temperature=2.0, seed=n) for n in (1, 4, 9, 20)),
]


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return load_engine(folder)


def products() -> Iterator[Product]:
    for number in range(3):
        photos = [picture(f"#{number}0{number}04f")] * (number and 1)
        yield Product(id=str(number), title="Navy shoes", photos=photos)


@pytest.mark.parametrize("settings", DECODING, ids=named)
def test_every_path_of_random_weights_is_valid(engine: Engine, settings: Settings) -> None:
    taxonomy = generated(10_000)
    assert random_paths(engine, taxonomy, settings) <= set(taxonomy.paths)


@pytest.mark.parametrize("settings", DECODING[:4], ids=named)
def test_every_path_of_random_weights_is_valid_in_the_real_taxonomy(
    engine: Engine, shared: Path, settings: Settings
) -> None:
    where = shared / "taxonomy" / "shopify"
    taxonomy = load_taxonomy(
        where / "categories_with_attributes.json.gz",
        attributes=where / "attributes_with_values.json.gz",
    )
    assert random_paths(engine, taxonomy, settings) <= set(taxonomy.paths)


def random_paths(engine: Engine, taxonomy: Taxonomy, settings: Settings) -> set[str]:
    found = set()
    options: dict[str, Any] = {"fields": ["title"], "categories": ["shoes"], "visible": {}}
    for outcome in describe_many(
        products(), engine, taxonomy=taxonomy, settings=settings, **options
    ):
        assert isinstance(outcome, Described), outcome
        description = outcome.description
        if "category-none" in {f.code for f in description.findings}:
            # it was cut before one category was said: nothing is made up in its place
            assert settings.max_tokens < 32 and description.category == ""
            continue
        category = taxonomy.find(description.category)
        assert category and category.id == description.category_id
        found.add(description.category)
    assert found or settings.max_tokens < 32
    return found


def test_of_a_path_that_was_cut_the_last_whole_category_is_taken() -> None:
    class Cut(ScriptedEngine):
        def generate(self, requests: Any, settings: Settings | None = None) -> list[Answer]:
            return [
                replace(a, finish="cap", model_chars=a.text.index("ning Shoes"))
                if "ning Shoes" in a.text
                else a
                for a in super().generate(requests, settings)
            ]

    engine = Cut(script("Apparel > Shoes > Running Shoes")._answer)
    d = described(engine)
    assert d.category == "Apparel > Shoes"
    assert "cut-short" in {f.code for f in d.findings}


# ---- the pipeline -----------------------------------------------------------------------

SHOES = Product(id="7", title="Acme shoes", photos=[picture()])


def script(path: str = "", kind: str = "shoes", **seen: str) -> ScriptedEngine:
    """A general model: sees this kind, chooses this path, sees these attributes."""

    def answer(request: Request) -> Any:
        wanted = request.schema["properties"]
        if list(wanted) == ["category"]:
            return {"category": path}
        if list(wanted) == ["attributes"]:
            asked = wanted["attributes"]["properties"]
            return {"attributes": {n: seen.get(n.split()[0], "unknown") for n in asked}}
        if "category" in wanted:
            colours = {"colour": "navy", "pattern": "solid"}
            return {"category": kind, "attributes": colours, "text": []}
        return {"title": "Acme navy shoes"}

    return ScriptedEngine(answer)


def described(engine: ScriptedEngine, product: Product = SHOES, **more: Any) -> Any:
    return describe(product, engine, taxonomy=small(), fields=["title"], **more)


def test_a_general_model_chooses_among_all_paths_and_is_shown_the_nearest() -> None:
    engine = script('Apparel > Shoes > 3" Heels')
    d = described(engine)
    assert d.category == 'Apparel > Shoes > 3" Heels'
    assert d.category_id == "gid://shopify/TaxonomyCategory/aa-8-2"
    assert str(d.evidence["category"][0]) == "photo 1"
    _, choose, write = engine.requests
    assert choose.schema["properties"]["category"]["enum"] == small().paths
    lines = choose.prompt.text.splitlines()
    assert lines[2:] == ["Apparel > Shoes", "Apparel > Shoes > Running Shoes"]
    assert not choose.prompt.photos and choose.context is not None
    assert '"shoes"' in write.prompt.text  # what is written of is the kind, not the path
    assert set(d.provenance.schemas) == {"observe", "category", "write"}
    assert "category" in d.provenance.templates


def test_a_choice_after_a_mistaken_look_is_no_evidence_of_the_photo() -> None:
    dress = Product(title="Maxi dress", photos=[picture()])
    d = described(script("Apparel > Dresses"), dress)
    assert d.category == "Apparel > Dresses"
    assert str(d.evidence["category"][0]) == "inferred"
    assert "conflict-category" in {f.code for f in d.findings}


def test_the_choice_continues_the_first_turn_and_the_copy_continues_the_choice() -> None:
    engine = script("Apparel > Dresses", neckline="Crew")
    described(engine)
    turns = [len(r.context.turns) if r.context else 0 for r in engine.requests]  # type: ignore[attr-defined]
    assert turns == [0, 1, 2, 3]


def test_where_nothing_is_near_the_departments_are_shown() -> None:
    engine = script("Apparel", kind="other product")
    described(engine, Product(photos=[picture()]))
    assert engine.requests[1].prompt.text.splitlines()[2:] == [
        "Apparel", "Home & Garden", "Uncategorized",
    ]  # fmt: skip


def test_what_the_category_has_of_visible_attributes_is_asked_for() -> None:
    engine = script("Apparel > Dresses", kind="dress", neckline="V-neck", sleeve="Long")
    d = described(engine)
    asked = engine.requests[2].schema["properties"]["attributes"]["properties"]
    assert asked == {
        "neckline": {"enum": ["Crew", "V-neck", "unknown"]},
        "sleeve length type": {"enum": ["Long", "Short", "unknown"]},
        "closure type": {"enum": ["Laces", "Buckle", "unknown"]},
    }
    assert "Choose the neckline: Crew, V-neck, unknown." in engine.requests[2].prompt.text
    assert d.attributes == {
        "colour": "navy", "pattern": "solid", "neckline": "V-neck",
        "sleeve length type": "Long",
    }  # fmt: skip
    [evidence] = [e for e in d.evidence["attributes"] if e.name == "neckline"]
    assert str(evidence) == "photo 1"


def test_two_attributes_of_one_last_word_are_two() -> None:
    engine = script("Apparel > Dresses", kind="dress", sleeve="Long", closure="Buckle")
    product = Product(photos=[picture()], attributes={"type": "evening dress"})
    d = described(engine, product)
    assert d.attributes["sleeve length type"] == "Long"
    assert d.attributes["closure type"] == "Buckle"
    assert d.attributes["type"] == "evening dress"
    assert "conflict-attribute" not in {f.code for f in d.findings}


def test_what_the_merchant_says_is_not_asked_for_and_no_photo_no_question() -> None:
    engine = script("Apparel > Dresses", kind="dress")
    product = Product(photos=[picture()], attributes={"Necklines": "boat"})
    described(engine, product)
    asked = engine.requests[2].schema["properties"]["attributes"]["properties"]
    assert list(asked) == ["sleeve length type", "closure type"]
    engine = script("Apparel > Dresses", kind="dress")
    d = described(engine, Product(title="A dress"))
    assert len(engine.requests) == 3
    assert str(d.evidence["category"][0]) == "inferred"


@pytest.mark.parametrize(
    "said",
    [
        {"present": Present(category="apparel > shoes > running shoes")},
        {"present": Present(category="gid://shopify/TaxonomyCategory/aa-8-1")},
        {"attributes": {"product_category": "aa-8-1"}},
        {"attributes": {"Google Product Category": "Apparel > Shoes > Running Shoes"}},
    ],
)
def test_the_merchants_own_category_wins_and_is_not_asked_for(said: dict[str, Any]) -> None:
    engine = script()
    d = described(engine, Product(photos=[picture()], **said))
    assert d.category == "Apparel > Shoes > Running Shoes"
    assert d.evidence["category"][0].source == "attribute"
    assert len(engine.requests) == 2


def test_a_category_that_is_not_in_the_taxonomy_only_helps_to_find_one() -> None:
    engine = script("Apparel > Dresses > Maxi Dresses", kind="other product")
    product = Product(photos=[picture()], present=Present(category="Sale > maxi dress"))
    d = described(engine, product)
    assert d.category == "Apparel > Dresses > Maxi Dresses"
    first = engine.requests[1].prompt.text.splitlines()[2]
    assert first == "Apparel > Dresses > Maxi Dresses"


def test_without_a_taxonomy_nothing_more_is_asked() -> None:
    engine = script()
    d = describe(SHOES, engine, fields=["title"])
    assert (d.category, d.category_id, len(engine.requests)) == ("shoes", "", 2)


# ---- a model that knows only its own kinds -----------------------------------------------


def closed(kind: str) -> ScriptedEngine:
    def answer(request: Request) -> Any:
        if "title" in request.schema["properties"]:
            return {"title": "Something"}
        colours = {"colour": "navy", "pattern": "solid"}
        return {"category": kind, "attributes": colours, "text": []}

    kinds = ("shoes", "dress", "vase", "other product")
    return ScriptedEngine(answer, info=EngineInfo("demo", "", "", categories=kinds))


@pytest.mark.parametrize(
    ("kind", "title", "path", "source"),
    [
        ("shoes", "", "Apparel > Shoes", "photo"),
        ("dress", "", "Apparel > Dresses", "photo"),
        ("shoes", "Acme running shoes", "Apparel > Shoes > Running Shoes", "attribute"),
        ("shoes", "Acme summer dresses", "Apparel > Dresses", "attribute"),
        ("shoes", "Maxi dress hanger", "Apparel > Shoes", "photo"),
        (
            "other product",
            "Red maxi dress",
            "Apparel > Dresses > Maxi Dresses",
            "attribute",
        ),
        ("other product", "Zorbex 3000", "Uncategorized", "inferred"),
        ("vase", "", "Uncategorized", "inferred"),
    ],
)
def test_a_model_with_kinds_of_its_own_is_not_asked_its_kind_is_looked_up(
    kind: str, title: str, path: str, source: str
) -> None:
    engine = closed(kind)
    d = described(engine, Product(title=title, photos=[picture()]))
    assert (d.category, d.evidence["category"][0].source) == (path, source)
    assert len(engine.requests) == 2
    assert d.category_id


def test_where_a_taxonomy_has_no_place_for_what_is_not_known_it_says_so() -> None:
    taxonomy = Taxonomy("google", "1", [Category("1", "Hats")])
    d = describe(Product(title="Nova"), closed("vase"), taxonomy=taxonomy, fields=["title"])
    assert (d.category, d.category_id) == ("", "")
    [finding] = [f for f in d.findings if f.code == "category-none"]
    assert 'no category of the google taxonomy is near "vase"' in finding.message


# ---- failures ---------------------------------------------------------------------------


class Fussy(ScriptedEngine):
    """Has no room left for a second turn about what is "endless"."""

    def generate(self, requests: Any, settings: Settings | None = None) -> list[Answer]:
        for request in requests:
            turns = list(request.context.turns) if request.context else []
            if len(turns) == 1 and "endless" in turns[0][0].text:
                raise OutputError("9000 tokens, the model reads 4096")
        return super().generate(requests, settings)


def test_a_choice_that_cannot_be_made_fails_that_product_alone() -> None:
    given = [Product(id=t, title=t) for t in ("shoe", "endless", "hat")]
    outcomes = list(describe_many(given, Fussy(), taxonomy=small()))
    assert [type(o) for o in outcomes] == [Described, Failed, Described]
    assert [o.product.id for o in outcomes] == ["shoe", "endless", "hat"]


def test_a_cut_choice_says_so() -> None:
    class Capped(ScriptedEngine):
        def generate(self, requests: Any, settings: Settings | None = None) -> list[Answer]:
            return [
                Answer(a.text, "cap", a.tokens, a.context)
                for a in super().generate(requests, settings)
            ]

    d = describe(Product(title="Navy shoes"), Capped(), taxonomy=small())
    cut = {f.field for f in d.findings if f.code == "cut-short"}
    assert cut == {"observe", "category", "write"}
