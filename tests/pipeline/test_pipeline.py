"""The pipeline from product to description, with answers given by a script."""

from __future__ import annotations

import json
import re
import threading
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
from doubles.html_tree import parsed_html
from doubles.pictures import jpeg, picture
from pydantic import BaseModel, Field

import productdesc
from productdesc import (
    Described,
    Description,
    Failed,
    OutputError,
    PhotoError,
    Product,
    ScriptedEngine,
    describe,
    describe_many,
)
from productdesc.channels import CHANNELS, description_schema
from productdesc.engines import Answer, EngineInfo, Request, Settings
from productdesc.engines.scripted import shortest
from productdesc.net import Http
from productdesc.pipeline.parse_answer import parse_answer

SOLID_NAVY = {"colour": "navy", "pattern": "solid"}
NAVY = {"category": "shoes", "attributes": SOLID_NAVY, "text": []}
COPY = {
    "title": "Acme navy shoes",
    "bullets": ["Navy shoes by Acme", "Solid navy upper"],
    "description": "Navy shoes by Acme. The shoes are solid navy.",
    "seo_title": "Navy shoes by Acme",
    "seo_description": "Acme shoes in navy.",
    "alt_texts": ["Navy shoes seen from the side"],
    "tags": ["shoes", "navy"],
}
NOW = datetime(2026, 1, 2, tzinfo=UTC)
PRODUCT = Product(id="7", photos=picture(), attributes={"brand": "Acme"})


def is_observe(request: Request) -> bool:
    return "category" in request.schema["properties"]


def script(**copy: Any) -> ScriptedEngine:
    """Observes navy shoes, and writes COPY with changes, as far as it is asked to."""

    def answer(request: Request) -> Any:
        wanted = request.schema["properties"]
        if not is_observe(request):
            return {k: v for k, v in (COPY | copy).items() if k in wanted}
        if "enum" in wanted["attributes"]["properties"]["colour"]:
            return NAVY
        seen = {k: {"value": v, "photo": 2} for k, v in SOLID_NAVY.items()}
        return {**NAVY, "attributes": seen}

    return ScriptedEngine(answer)


def test_one_photo_and_one_attribute_become_a_whole_description() -> None:
    d = describe(PRODUCT, script(), clock=lambda: NOW)
    assert (d.title, d.category) == ("Acme navy shoes", "shoes")
    assert d.attributes == {"brand": "Acme", "colour": "navy", "pattern": "solid"}
    assert d.bullets == tuple(COPY["bullets"])
    assert {str(e) for e in d.evidence["title"]} == {"attribute brand", "photo 1"}
    assert str(d.evidence["category"][0]) == "photo 1"
    assert d.findings == ()
    assert d.provenance.time == NOW
    assert set(d.provenance.templates) == {"system", "observe", "write"}
    assert set(d.provenance.schemas) == {"observe", "write"}
    assert d.provenance.library == productdesc.__version__


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_comes_out_fits_the_channels_schema(channel: str) -> None:
    d = describe(PRODUCT, script(), channel=channel)
    jsonschema.validate(
        json.loads(d.model_dump_json()), description_schema(CHANNELS[channel])
    )


def test_the_same_product_gives_the_same_json_and_only_the_time_differs() -> None:
    one = describe(PRODUCT, script(), clock=lambda: NOW)
    two = describe(PRODUCT, script(), clock=lambda: NOW)
    assert one.model_dump_json() == two.model_dump_json()


def test_the_second_turn_continues_the_first_and_knows_what_was_seen() -> None:
    engine = script()
    describe(PRODUCT, engine)
    observe, write = engine.requests
    assert observe.context is None
    assert len(observe.prompt.photos) == 1
    assert "Acme" not in observe.prompt.text
    assert write.context is not None
    assert write.prompt.photos == ()
    assert "navy" in write.prompt.text
    assert "Acme" in write.prompt.text


def test_only_the_fields_asked_for_are_generated_and_the_others_stay_empty() -> None:
    engine = script()
    d = describe(PRODUCT, engine, fields=["title", "tags"])
    assert list(engine.requests[1].schema["properties"]) == ["title", "tags"]
    assert (d.title, d.tags, d.description, d.bullets) == (
        "Acme navy shoes",
        ("shoes", "navy"),
        "",
        (),
    )


def test_a_contradiction_between_photo_and_data_is_never_silent() -> None:
    product = Product(photos=picture(), attributes={"colour": "black"})
    d = describe(product, script())
    assert d.attributes["colour"] == "black"
    conflicts = [f for f in d.findings if f.code == "conflict-colour"]
    assert conflicts
    assert all('"black"' in f.message and "navy" in f.message for f in conflicts)
    assert "navy" not in d.title.lower()


def test_several_photos_give_an_alt_text_each_and_the_photo_that_shows_it() -> None:
    alts = ["Navy shoes from the side", "Navy shoes from above"]
    product = Product(photos=[picture("#888888"), picture()])
    d = describe(product, script(alt_texts=alts))
    assert d.alt_texts == tuple(alts)
    pattern = next(e for e in d.evidence["attributes"] if e.name == "pattern")
    assert pattern.photo == 2


def test_repeated_alt_texts_are_told_apart() -> None:
    product = Product(photos=[picture(), picture("#15233f")])
    d = describe(product, script(alt_texts=["Navy shoes", "Navy shoes"]))
    assert len(set(d.alt_texts)) == 2
    assert all(d.alt_texts)


def test_a_list_never_says_the_same_twice() -> None:
    d = describe(PRODUCT, script(tags=["navy", "no", "navy", "no", "shoes"]))
    assert len(set(d.tags)) == len(d.tags)


def test_a_product_without_photos_is_described_from_its_data() -> None:
    d = describe(Product(title="Navy shoes", attributes={"brand": "Acme"}), script())
    assert d.alt_texts == ()
    assert d.title


def test_a_product_with_nothing_at_all_fails_by_name() -> None:
    with pytest.raises(PhotoError, match="'p1' has no photo and no data"):
        describe(Product(id="p1"), script())


def test_a_text_that_must_go_is_replaced_by_a_plain_truthful_one() -> None:
    refusal = "I'm sorry, but I cannot help with that request."
    d = describe(PRODUCT, script(title=refusal, description=refusal))
    assert "sorry" not in d.title + d.description
    assert d.title == "Acme Navy Shoes"
    assert d.description == "Navy shoes by Acme. Pattern: solid."
    codes = {f.code for f in d.findings}
    assert {"refusal", "composed"} <= codes


def test_what_nobody_vouches_for_is_removed_and_reported() -> None:
    lie = "Made in Italy from 100 % cotton. Navy shoes by Acme."
    d = describe(PRODUCT, script(description=lie))
    assert "Italy" not in d.description
    assert "cotton" not in d.description
    assert "Navy shoes by Acme." in d.description
    assert {"origin"} <= {f.code for f in d.findings if f.severity == "removed"}


# ---- one bad product among good ones --------------------------------------------------


def test_a_bad_product_fails_alone_and_everything_stays_in_order() -> None:
    good = jpeg()
    products = [
        Product(id="0", photos=good),
        Product(id="1", photos=b"not an image"),
        Product(id="2", photos=good),
        Product(id="3", photos="shoe.jpg"),
        Product(id="4"),
        Product(id="5", photos=[b"broken", good]),
    ]
    outcomes = list(describe_many(products, script(), batch_size=4))
    assert [o.product.id for o in outcomes] == list("012345")
    kinds = [type(o) for o in outcomes]
    assert kinds == [Described, Failed, Described, Failed, Failed, Described]
    assert isinstance(outcomes[3], Failed)
    assert "pathlib.Path" in str(outcomes[3].error)
    assert isinstance(outcomes[5], Described)
    [finding] = [f for f in outcomes[5].description.findings if f.code == "photo-unusable"]
    assert "photo 1 was left out" in finding.message


class Fussy(ScriptedEngine):
    """Takes no prompt that holds the word "endless", like a model with a short context."""

    def generate(self, requests: Any, settings: Settings | None = None) -> list[Answer]:
        if any("endless" in r.prompt.text for r in requests):
            raise OutputError("9000 tokens, the model reads 4096")
        return super().generate(requests, settings)


def test_a_prompt_too_long_for_the_model_fails_that_product_alone() -> None:
    products = [Product(title="shoe"), Product(title="endless"), Product(title="hat")]
    outcomes = list(describe_many(products, Fussy()))
    assert [type(o) for o in outcomes] == [Described, Failed, Described]
    assert isinstance(outcomes[1], Failed)
    assert "9000 tokens" in str(outcomes[1].error)


def test_products_are_read_one_batch_ahead() -> None:
    read: list[int] = []

    def products() -> Iterator[Product]:
        for i in range(10):
            read.append(i)
            yield Product(id=str(i), title="shoe")

    outcomes = describe_many(products(), ScriptedEngine(), batch_size=3)
    assert read == []
    next(outcomes)
    assert read == [0, 1, 2, 3, 4, 5]
    assert [o.product.id for o in outcomes] == [str(n) for n in range(1, 10)]


class Held:
    """A context that can be watched."""

    tokens = 0

    def __init__(self, inner: Any) -> None:
        self.inner = inner


class Remembering(ScriptedEngine):
    """Counts the contexts that are alive when a batch begins."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[weakref.ref[Held]] = []
        self.alive: list[int] = []

    def generate(
        self, requests: Sequence[Request], settings: Settings | None = None
    ) -> list[Answer]:
        if requests[0].context is None:
            self.alive.append(sum(made() is not None for made in self.made))
        inner = [getattr(request.context, "inner", None) for request in requests]
        asked = [replace(r, context=i) for r, i in zip(requests, inner, strict=True)]
        found = [
            replace(answer, context=Held(answer.context))
            for answer in super().generate(asked)
        ]
        self.made += [weakref.ref(answer.context) for answer in found]  # type: ignore[arg-type]
        self.requests.clear()
        return found


def test_what_a_batch_made_the_engine_remember_is_gone_before_the_next() -> None:
    engine = Remembering()
    products = [Product(id=str(n), title="Shoe") for n in range(6)]
    assert len(list(describe_many(products, engine, batch_size=2))) == 6
    assert len(engine.made) == 12
    assert engine.alive == [0, 0, 0]


@pytest.mark.parametrize("given", [0, 2, 3, 5])
def test_a_source_that_breaks_loses_nothing_of_what_it_gave(given: int) -> None:
    def products() -> Iterator[Product]:
        for i in range(given):
            yield Product(id=str(i), title="shoe")
        raise OSError("the disk is gone")

    outcomes = describe_many(products(), ScriptedEngine(), batch_size=3)
    found: list[str] = []
    with pytest.raises(OSError, match="the disk is gone"):
        found.extend(o.product.id for o in outcomes)
    assert found == [str(n) for n in range(given)]


def test_the_next_photos_are_fetched_while_the_model_is_at_work() -> None:
    fetched, asked = threading.Event(), threading.Event()

    def lookup(host: str, port: int) -> list[str]:
        assert asked.wait(timeout=20)
        fetched.set()
        return ["10.0.0.1"]

    class Busy(ScriptedEngine):
        def generate(self, requests: Any, settings: Settings | None = None) -> list[Answer]:
            asked.set()
            assert fetched.wait(timeout=20)  # never comes if the model must end first
            return super().generate(requests, settings)

    products = [
        Product(id="0", title="shoe"),
        Product(id="1", photos=["https://shop.test/a.jpg"]),
    ]
    with Http(lookup=lookup) as http:
        outcomes = list(describe_many(products, Busy(), http=http, batch_size=1))
    assert [type(o) for o in outcomes] == [Described, Failed]


def test_photos_of_several_products_are_fetched_at_the_same_time() -> None:
    together = threading.Barrier(4)

    def lookup(host: str, port: int) -> list[str]:
        together.wait(timeout=20)  # passes when four products ask; breaks when one waits
        return ["10.0.0.1"]

    products = [
        Product(id=str(n), photos=[f"https://shop{n}.test/a.jpg"]) for n in range(4)
    ]
    with Http(lookup=lookup) as http:
        outcomes = list(describe_many(products, ScriptedEngine(), http=http, batch_size=4))
    assert [o.product.id for o in outcomes] == ["0", "1", "2", "3"]
    assert all(isinstance(o, Failed) and "10.0.0.1" in str(o.error) for o in outcomes)


def test_a_cut_answer_says_so() -> None:
    class Capped(ScriptedEngine):
        def generate(self, requests: Any, settings: Settings | None = None) -> list[Answer]:
            return [
                Answer(a.text, "cap", a.tokens, a.context)
                for a in super().generate(requests, settings)
            ]

    d = describe(Product(title="Navy shoes"), Capped())
    assert [f.code for f in d.findings].count("cut-short") == 2


class CutAt(ScriptedEngine):
    """Answers of which the model wrote only what stands before `mark`, then was closed."""

    def __init__(self, mark: str, **copy: Any) -> None:
        super().__init__(script(**copy)._answer)
        self.mark = mark

    def generate(self, requests: Any, settings: Settings | None = None) -> list[Answer]:
        return [
            replace(a, finish="loop", model_chars=a.text.index(self.mark))
            if self.mark in a.text
            else a
            for a in super().generate(requests, settings)
        ]


def test_what_only_closed_an_answer_is_never_published() -> None:
    closed = {"seo_title": "aa", "seo_description": "aa", "tags": ["aa", "aa"]}
    bullets = ["Solid navy upper", "aa"]
    engine = CutAt('vy upper","aa"', bullets=bullets, description="aa", **closed)
    d = describe(Product(title="Acme navy shoes"), engine)
    said = json.dumps([d.bullets, d.description, d.seo_title, d.seo_description, d.tags])
    assert "aa" not in said
    assert d.title == "Acme navy shoes"
    assert d.bullets[0] == "Solid"  # the word that was cut is left out
    assert d.description
    composed = {f.field for f in d.findings if f.code == "composed"}
    assert composed >= {"description", "seo_title", "seo_description", "tags"}
    assert "repetition" in {f.code for f in d.findings}


def test_what_only_closed_an_observation_is_no_fact() -> None:
    d = describe(Product(title="Nova"), CutAt('oes","attributes"'))
    assert d.category == "other product"
    assert "colour" not in d.attributes


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Acme navy shoes | | | | |", "Acme navy shoes"),
        ("Acme navy shoes with a", "Acme navy shoes"),
        ("Acme navy shoes and", "Acme navy shoes"),
        ('Acme "navy" shoes / /', 'Acme "navy" shoes'),
        ("Acme navy\nshoes", "Acme navy\nshoes"),
    ],
)
def test_a_text_that_was_cut_ends_with_a_word_that_can_end_it(text: str, kept: str) -> None:
    answer = json.dumps({"title": f"{text} unfinished", "tags": []})
    cut = Answer(answer, "loop", 9, context=None, model_chars=answer.index("finished"))
    assert parse_answer(cut) == {"title": kept, "tags": []}


def test_what_the_data_calls_a_tee_is_no_shoe_in_any_text() -> None:
    """The model mistook it: what it wrote of shoes goes, and is written from the data."""
    tee = Product(title="Acme tee (V-neck)", photos=picture())
    d = describe(tee, script())
    texts = [d.title, *d.bullets, d.description, d.seo_title, *d.alt_texts, *d.tags]
    assert not [text for text in texts if "shoe" in text.casefold()]
    assert d.title == "Acme tee (V-neck)"
    assert d.description == "Acme tee (V-neck). Colour on the photo: navy."
    assert d.category == "t-shirt"
    assert {"conflict-category", "kind", "composed"} <= {f.code for f in d.findings}


@pytest.mark.parametrize(
    ("title", "own", "told"),
    [
        ("Acme tee", (), "t-shirt"),
        ("Acme tee", ("shoes", "t-shirt", "other product"), "t-shirt"),
        ("Acme tee", ("shoes", "other product"), "other product"),
        ("Zip hoodie", (), "hoodie"),
        ("Acme sneakers", (), "shoes"),
        ("Nova", (), "shoes"),
    ],
)
def test_the_writer_is_told_the_kind_that_the_data_names(
    title: str, own: tuple[str, ...], told: str
) -> None:
    engine = ScriptedEngine(
        script()._answer, info=EngineInfo("mine", "", "", categories=own)
    )
    describe(Product(title=title, photos=picture()), engine)
    assert f'"category": "{told}"' in engine.requests[1].prompt.text


def test_a_list_of_ones_own_is_what_a_model_of_a_closed_list_is_told_too() -> None:
    info = EngineInfo("mine", "", "", categories=("crate", "other product"))
    engine = ScriptedEngine(script()._answer, info=info)
    describe(Product(title="Nova", photos=picture()), engine, categories=["shoes"])
    assert '"category": "shoes"' in engine.requests[1].prompt.text


# ---- a schema of the user's own -------------------------------------------------------


class Card(BaseModel):
    """A user's own model."""

    headline: str = Field(max_length=40)
    mood: Literal["calm", "bold"]
    points: list[str] = Field(min_length=1, max_length=3)


def custom(headline: str) -> ScriptedEngine:
    card = {"headline": headline, "mood": "bold", "points": ["Solid navy upper"]}
    return ScriptedEngine([NAVY, card])


def test_any_pydantic_model_can_be_filled() -> None:
    engine = custom("Navy shoes by Acme")
    d = describe(PRODUCT, engine, schema=Card)
    assert d.custom == Card(
        headline="Navy shoes by Acme", mood="bold", points=["Solid navy upper"]
    )
    assert d.title == ""
    assert "headline" in engine.requests[1].prompt.text
    assert {str(e) for e in d.evidence["headline"]} == {"attribute brand", "photo 1"}


def test_a_users_own_fields_are_checked_like_all_others() -> None:
    d = describe(PRODUCT, custom("Navy shoes, only $19.99"), schema=Card)
    assert isinstance(d.custom, Card)
    assert "19" not in d.custom.headline
    assert any(f.field == "headline" for f in d.findings)


def test_a_text_that_no_longer_fits_the_schema_is_composed() -> None:
    class Short(BaseModel):
        headline: str = Field(min_length=3, max_length=40)

    engine = ScriptedEngine([NAVY, {"headline": "Only $19.99 today!"}])
    d = describe(PRODUCT, engine, schema=Short)
    assert isinstance(d.custom, Short)
    assert "19" not in d.custom.headline
    assert "composed" in {f.code for f in d.findings if f.field == "headline"}


def test_a_text_that_nothing_else_fits_stays_and_the_finding_says_so() -> None:
    class Strict(BaseModel):
        headline: str = Field(pattern="^Only .*!$")

    engine = ScriptedEngine([NAVY, {"headline": "Only $19.99 today!"}])
    d = describe(PRODUCT, engine, schema=Strict)
    assert d.custom == Strict(headline="Only $19.99 today!")
    [kept] = [f for f in d.findings if f.field == "headline"]
    assert (kept.code, kept.severity) == ("price", "warning")
    assert kept.message.startswith('kept "Only $19.99 today!"')


class Shelf(BaseModel):
    """A user's own lists, one of them below."""

    class Upper(BaseModel):
        material: Literal["leather", "textile"] | None

    kind: Literal["hat", "shoes"]
    upper: Upper
    marks: list[Literal["vegan", "none"]]
    headline: str


def test_a_choice_of_the_users_own_list_stays_and_is_said_to_be_inferred() -> None:
    answer = {
        "kind": "shoes",
        "upper": {"material": "leather"},
        "marks": ["vegan", "none"],
        "headline": "Navy leather tee",
    }
    d = describe(Product(title="Acme tee"), ScriptedEngine([NAVY, answer]), schema=Shelf)
    assert d.custom == Shelf.model_validate({**answer, "headline": "Navy tee"})
    for path, choice, code in (
        ("kind", "shoes", "kind"),
        ("upper.material", "leather", "material"),
        ("marks.0", "vegan", "health"),
    ):
        [found] = [f for f in d.findings if f.field == path]
        assert (found.code, found.value, found.severity) == (code, choice, "warning")
        assert found.message.startswith(f'kept "{choice}"')
        assert {e.status for e in d.evidence[path]} == {"inferred"}
    [cut] = [f for f in d.findings if f.field == "headline"]
    assert cut.severity == "removed"


def test_a_template_of_ones_own_goes_with_a_schema_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "card.j2"
    mine.write_text("A card, please. Seen: {{ facts }}")
    engine = custom("Navy shoes")
    describe(PRODUCT, engine, schema=Card, template=mine)
    assert engine.requests[1].prompt.text.startswith("A card, please.")


# ---- wrong use ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"channel": "shopfy"}, "no channel 'shopfy'"),
        ({"fields": ["titel"]}, "no field 'titel'"),
        ({"fields": "title"}, "list of names"),
        ({"language": "xx"}, "language 'xx' is not known"),
        ({"categories": []}, "categories is a list of at least one"),
        ({"categories": "shoes"}, "list"),
        ({"visible": {"sole": []}}, "sole"),
        ({"schema": Card, "fields": ["title"]}, "either schema"),
    ],
)
def test_a_wrong_option_is_named_before_anything_is_read(
    options: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        describe_many(iter(()), ScriptedEngine(), **options)


def test_an_engine_is_not_asked_for_a_language_it_does_not_write() -> None:
    engine = ScriptedEngine(info=EngineInfo("demo", "", "", languages=("en",)))
    with pytest.raises(ValueError, match="demo does not write 'de'; it writes: en"):
        describe(PRODUCT, engine, language="de")


def test_the_engines_own_categories_are_the_closed_list() -> None:
    info = EngineInfo("mine", "", "", categories=("anvil", "other product"))
    engine = ScriptedEngine(lambda r: shortest(r.schema), info=info)
    assert describe(PRODUCT, engine).category == "anvil"
    listed = describe(PRODUCT, engine, categories=["crate"])
    assert listed.category == "crate"


# ---- the result -----------------------------------------------------------------------


def test_a_description_is_frozen_and_of_plain_values() -> None:
    d = describe(PRODUCT, script())
    with pytest.raises(ValueError, match="frozen"):
        d.title = "x"  # type: ignore[misc]
    assert Description.model_validate_json(d.model_dump_json()).title == d.title


def test_a_notebook_shows_photo_and_text_and_runs_nothing() -> None:
    d = describe(PRODUCT, script(seo_title="<script>alert(1)</script> shoes"))
    shown = d._repr_html_()
    assert "data:image/jpeg;base64," in shown
    assert "Acme navy shoes" in parsed_html(shown).text
    assert "<script>" not in shown


def test_a_page_underlines_each_sentence_by_its_status_and_marks_its_claims() -> None:
    text = "Navy shoes by Acme. They keep rain out. A lovely gift."
    shown = describe(PRODUCT, script(description=text))._repr_html_()
    for words, status in (
        ("They keep rain out.", "inferred"),
        ("A lovely gift.", "opinion"),
    ):
        assert f'<span class="sentence by-{status}">{words}' in shown
    assert re.search(
        r'<mark class="claim by-attribute" data-attribute="brand" [^>]*>Acme<', shown
    )
