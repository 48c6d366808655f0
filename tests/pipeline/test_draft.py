"""Drafts: what is known of a product on its way, kept on request, small and picklable."""

from __future__ import annotations

import gc
import json
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from doubles.pictures import jpeg, picture
from PIL import Image

from productdesc import Described, Failed, Product, ScriptedEngine, describe_many
from productdesc.engines import EngineInfo, Request
from productdesc.engines.scripted import shortest
from productdesc.errors import PhotoError
from productdesc.photos.thumbnails import MAX_BYTES, thumbnails
from productdesc.pipeline import Draft
from productdesc.records import Photo
from productdesc.taxonomy import Category, Taxonomy

TREE = Taxonomy("mine", "1", [Category("1", "Shoes"), Category("2", "Hats")])


def drafted(product: Product, **options: Any) -> Described:
    [outcome] = describe_many([product], ScriptedEngine(), keep_drafts=True, **options)
    assert isinstance(outcome, Described)
    return outcome


def test_a_draft_is_kept_only_where_it_is_asked_for() -> None:
    product = Product(id="1", title="Navy shoes")
    [plain] = describe_many([product], ScriptedEngine())
    assert isinstance(plain, Described) and plain.draft is None
    assert isinstance(drafted(product).draft, Draft)


def test_a_draft_holds_every_turn_in_the_order_in_which_it_was_asked() -> None:
    outcome = drafted(Product(id="1", photos=jpeg(), title="Nova"), taxonomy=TREE)
    draft, made = outcome.draft, outcome.description
    assert draft is not None
    assert [turn.stage for turn in draft.turns] == ["observe", "category", "write"]
    for turn in draft.turns:
        json.loads(turn.text)
        assert turn.rendered.text
        assert made.provenance.templates[turn.stage] == turn.rendered.template
        assert made.provenance.schemas[turn.stage] == turn.schema_digest
    assert draft.turn("write").text == draft.turns[-1].text
    with pytest.raises(KeyError):
        draft.turn("attributes")
    assert (draft.category, draft.category_id) == (made.category, made.category_id)
    assert [p.sha256 for p in draft.photos] == list(made.provenance.photos)
    assert draft.system.text and draft.measured and draft.facts.category


def test_fields_written_in_branches_are_one_turn_of_the_whole_text() -> None:
    info = EngineInfo("mine", "", "", branches=True)
    engine = ScriptedEngine(lambda r: shortest(r.schema), info=info)
    [outcome] = describe_many([Product(title="Shoe")], engine, keep_drafts=True)
    assert isinstance(outcome, Described) and outcome.draft is not None
    assert len(engine.requests) > 3
    assert [turn.stage for turn in outcome.draft.turns] == ["observe", "write"]
    assert set(json.loads(outcome.draft.turns[-1].text)) >= {"title", "description"}


def noisy(side: int = 900) -> Image.Image:
    """As hard to compress as any photo."""
    return Image.effect_noise((side, side), 90).convert("RGB")


def test_what_a_product_ends_as_is_small_without_the_callers_photos() -> None:
    photos = [picture() for _ in range(8)]
    product = Product(id="1", title="Shoe", description="Long. " * 900, photos=photos)
    outcome = drafted(product)
    bare = product.model_copy(update={"photos": ()})
    assert outcome.draft is not None
    without = Described(bare, outcome.description, replace(outcome.draft, product=bare))
    assert len(pickle.dumps(without)) < 64_000
    assert pickle.loads(pickle.dumps(without)) == without


@pytest.mark.parametrize("count", [1, 4, 8])
def test_thumbnails_of_any_photos_stay_within_their_bytes(count: int) -> None:
    photo = Photo(noisy(), "noise", "0" * 64, "PNG", 900, 900)
    jpegs = thumbnails([photo] * count)
    assert len(jpegs) == count and sum(map(len, jpegs)) <= MAX_BYTES
    assert thumbnails([]) == []


def test_a_failed_product_crosses_processes_too() -> None:
    failed = Failed(Product(id="1"), PhotoError("no photo"))
    back = pickle.loads(pickle.dumps(failed))
    assert back.product == failed.product and str(back.error) == "no photo"


def test_an_outcome_is_read_back_without_torch_and_without_pixels(tmp_path: Path) -> None:
    outcome = drafted(Product(id="1", title="Shoe", attributes={"brand": "Acme"}))
    path = tmp_path / "outcome"
    path.write_bytes(pickle.dumps(outcome))
    code = (
        "import pickle, sys; from pathlib import Path\n"
        "outcome = pickle.loads(Path(sys.argv[1]).read_bytes())\n"
        "print(outcome.product.id, outcome.draft.turns[0].stage)\n"
        "print(sorted({'torch', 'transformers'} & set(sys.modules)))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert run.stdout == "1 observe\n[]\n"


def test_eighty_products_hold_flat_memory() -> None:
    """Pixels go with the product's conversation: those of 64 photos would be 190 MB."""
    engine, process = ScriptedEngine(), psutil.Process()
    data = jpeg(picture(size=(1000, 1000)))
    products = (Product(id=str(n), photos=data) for n in range(80))
    held: list[int] = []
    kept: list[Described] = []
    for outcome in describe_many(products, engine, keep_drafts=True, batch_size=8):
        assert isinstance(outcome, Described)
        kept.append(outcome)
        engine.requests.clear()  # a test's own memory, with the photos in it
        if len(kept) % 16 == 0:
            gc.collect()
            held.append(process.memory_info().rss)
    assert held[-1] - held[0] < 60e6, held


def test_requests_hold_the_photos_of_the_first_turn_only() -> None:
    engine = ScriptedEngine()
    list(describe_many([Product(photos=jpeg(), title="Nova")], engine, taxonomy=TREE))
    photos: list[Request] = [r for r in engine.requests if r.prompt.photos]
    assert len(engine.requests) == 3 and len(photos) == 1
