"""What every catalogue promises, checked on each module of tests/doubles/shops."""

from __future__ import annotations

import importlib
import logging
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles import shops
from doubles.shops import CANARY, Seed, Shop
from factories import description

from productdesc.records import Description, Product

FOUND: list[type[Shop]] = [
    importlib.import_module(module.name).SHOP
    for module in pkgutil.walk_packages(shops.__path__, "doubles.shops.")
    if not module.ispkg
]

URLS = ("https://cdn.example.com/a.jpg", "https://cdn.example.com/b.jpg")
FULL = Seed(
    "full",
    title="The merchant's own title",
    description="The merchant's own words.",
    seo_title="Own SEO title",
    seo_description="Own SEO words",
    alt_texts=("own front", "own back"),
    tags=("own", "tags"),
    photos=URLS,
)
BARE = Seed("bare", title="Bare", photos=URLS)
MANY = tuple(Seed(f"more-{n:03}", title=f"More {n}", photos=URLS[:1]) for n in range(120))

OURS = description(
    title="Our title",
    category="shoes",
    attributes={"colour": "red"},
    bullets=("Red upper", "Rubber sole"),
    description="Our description of it.",
    seo_title="Our SEO title",
    seo_description="Our SEO description",
    alt_texts=("our front", "our back"),
    tags=("shoes", "red"),
)


@pytest.fixture(params=FOUND, ids=lambda s: s.name)
def kind(request: pytest.FixtureRequest) -> type[Shop]:
    found: type[Shop] = request.param
    return found


@pytest.fixture
def shop(kind: type[Shop], tmp_path: Path) -> Iterator[Shop]:
    with kind(tmp_path, (FULL, BARE)) as made:
        yield made


def needs(
    shop: Any, *, reads: bool = False, writes: bool = False, live: bool = False
) -> None:
    if reads and not shop.reads:
        pytest.skip(f"{shop.name} is only written")
    if writes and not shop.writes:
        pytest.skip(f"{shop.name} is only read")
    if live and not shop.live:
        pytest.skip(f"{shop.name} is no live shop")


def read(shop: Shop) -> dict[str, Product]:
    with shop.source() as source:
        return {product.id: product for product in source.products()}


def products(shop: Shop) -> dict[str, Product]:
    """As read, or as the seeds say where the catalogue is only written."""
    if shop.reads:
        return read(shop)
    return {
        s.id: Product(id=s.id, title=s.title, description=s.description, photos=s.photos)
        for s in shop.seeds
    }


def save(shop: Shop, ours: Description, *, apply: bool = True, **options: Any) -> list[Any]:
    """Our description saved on every product; what the sink said of each."""
    found = products(shop)
    with shop.sink(apply=apply, **options) as sink:
        return [sink.save(product, ours) for product in found.values()]


def test_products_come_all_and_in_the_same_order_every_time(
    kind: type[Shop], tmp_path: Path
) -> None:
    needs(kind, reads=True)
    with kind(tmp_path, (FULL, BARE, *MANY)) as shop:
        with shop.source() as source:
            first = [product.id for product in source.products()]
        with shop.source() as source:
            again = [product.id for product in source.products()]
        assert first == again
        assert sorted(first) == sorted(seed.id for seed in (FULL, BARE, *MANY))
        assert not source.problems.total


def test_what_the_merchant_wrote_is_read_as_plain_text(shop: Shop) -> None:
    needs(shop, reads=True)
    product = read(shop)["full"]
    if not shop.has_copy:
        assert product.title == product.description == "" and len(product.photos) == 2
        return
    assert product.title == FULL.title
    assert product.description == FULL.description
    for name in set(shop.fields) & {"seo_title", "seo_description", "alt_texts", "tags"}:
        assert getattr(product.present, name) == getattr(FULL, name), name
    assert tuple(product.photos) == FULL.photos


def test_the_merchants_words_stay_and_empty_fields_are_filled(shop: Shop) -> None:
    needs(shop, writes=True)
    before = shop.held()
    said = {one.product_id: one for one in save(shop, OURS)}
    after = shop.held()
    if shop.reads:
        for field, value in before.get("full", {}).items():
            if getattr(FULL, field, None):
                assert after["full"][field] == value, field
    for field in set(shop.fields) & {"seo_title", "seo_description", "alt_texts", "tags"}:
        assert shop.plain("bare", field) == getattr(OURS, field), field
    if "description" in shop.fields:
        text = shop.plain("bare", "description")
        assert OURS.description in text
    assert said["bare"].status == "written" and said["bare"].edits
    if shop.reads:
        assert said["full"].untouched


def test_only_named_fields_are_replaced(shop: Shop) -> None:
    needs(shop, writes=True, reads=True)
    before = shop.held()
    save(shop, OURS, overwrite=["description"])
    after = shop.held()
    assert OURS.description in shop.plain("full", "description")
    for field, value in before["full"].items():
        if field != "description" and getattr(FULL, field, None):
            assert after["full"][field] == value, field


def test_a_field_that_it_never_writes_cannot_be_named(shop: Shop) -> None:
    needs(shop, writes=True)
    with pytest.raises(ValueError, match="titel"):
        shop.sink(overwrite=["titel"])


def test_saving_twice_is_saving_once(shop: Shop) -> None:
    needs(shop, writes=True, reads=True)
    save(shop, OURS, overwrite=["description"])
    once, made = shop.held(), shop.changes() if shop.live else 0
    said = save(shop, OURS, overwrite=["description"])
    assert shop.held() == once
    assert {one.status for one in said} == {"unchanged"}
    if shop.live:
        assert shop.changes() == made


def test_nothing_is_written_without_apply(shop: Shop) -> None:
    needs(shop, writes=True, live=True)
    before = shop.held()
    said = save(shop, OURS, apply=False)
    assert shop.held() == before and shop.changes() == 0
    assert {one.status for one in said} <= {"planned", "unchanged"}
    planned = next(one for one in said if one.product_id == "bare")
    assert any(e.after and not e.before for e in planned.edits)


def test_a_run_that_dies_leaves_the_file_as_it_was(shop: Shop) -> None:
    needs(shop, writes=True)
    if shop.live:
        pytest.skip("a live shop has no file")
    found = products(shop)
    before = {p: p.read_bytes() for p in shop.folder.rglob("*") if p.is_file()}
    with pytest.raises(RuntimeError, match="killed"), shop.sink() as sink:
        sink.save(found["bare"], OURS)
        raise RuntimeError("killed")
    after = {p: p.read_bytes() for p in shop.folder.rglob("*") if p.is_file()}
    assert after == before


HOSTILE = (
    "a < b & c > d",
    "=HYPERLINK(\"http://evil\")",
    "+1234", "-5 degrees", "@cmd", "\tTab first", "'quoted'",
    'say "hi", then; leave',
    "<script>alert(1)</script> shoes",
    "<b onclick=x>bold</b>",
    "&lt;kept&gt; &amp; as is",
    "[products limit=\"1\"] [gallery]",
    "{{ product.title }} {% raw %}",
    "back\\slash and \\n two characters",
    "Ünï çödé 東京 🥿 e\u0301 \u200d \u2028 end",
    "line one\nline two",
    "100% cotton, 5'10\" – “fine”",
    "x" * 3000,
)  # fmt: skip


def survives(shop: Shop, text: str) -> None:
    said = save(
        shop, OURS.model_copy(update={"description": text}), overwrite=["description"]
    )
    bare = next(one for one in said if one.product_id == "bare")
    if bare.status == "refused":
        assert bare.reason
        return
    got = shop.plain("bare", "description")
    assert folded(text) in folded(got), (text, got)


def folded(text: str) -> str:
    """Layout aside: HTML may wrap lines and fold spaces."""
    return " ".join(text.split())


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t[:24]))
def test_hostile_text_comes_back_equal_or_is_refused(shop: Shop, text: str) -> None:
    needs(shop, writes=True, reads=True)
    survives(shop, text)


def test_naughty_strings_come_back_equal_or_are_refused(
    kind: type[Shop], tmp_path: Path, shared: Path
) -> None:
    needs(kind, writes=True, reads=True)
    lists = sorted((shared / "bad-inputs" / "strings").rglob("*.txt"))
    assert lists
    texts = [
        line
        for file in lists
        for line in file.read_text(encoding="utf-8", errors="replace").split("\n")
        if line.strip() and not line.startswith("#")
    ]
    seeds = [Seed(f"p{n:04}", title=f"P {n}", photos=URLS[:1]) for n in range(len(texts))]
    with kind(tmp_path, seeds) as shop:
        found = products(shop)
        by_id = dict(zip((s.id for s in seeds), texts, strict=True))
        pairs = [
            (product, OURS.model_copy(update={"description": by_id[key]}))
            for key, product in found.items()
        ]
        saved = shop.save_all(pairs, overwrite=["description"])
        said = dict(zip(found, saved, strict=True))
        assert any(one.status == "written" for one in saved)
        for key, text in by_id.items():
            if said[key].status == "refused":
                assert said[key].reason
            else:
                got = shop.plain(key, "description")
                assert folded(text) in folded(got), (text, got)


def test_no_secret_is_ever_shown(
    shop: Shop, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    needs(shop, live=True)
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    source, sink = shop.source(), shop.sink()
    shown += [repr(source), str(source), repr(vars(source)), repr(sink), repr(vars(sink))]
    with source, sink:
        for product in source.products():
            shown.append(repr(sink.save(product, OURS)))
    shop.__exit__(None, None, None)  # the server is gone: every call fails now
    try:
        with shop.source() as source:
            list(source.products())
    except Exception as e:
        while e is not None:
            shown += [str(e), repr(e), repr(vars(e))]
            e = e.__cause__ or e.__context__  # type: ignore[assignment]
    else:
        raise AssertionError("a shop that is gone was read")
    shown += [record.getMessage() for record in caplog.records]
    shown += list(capfd.readouterr())
    assert CANARY not in "\n".join(shown)
