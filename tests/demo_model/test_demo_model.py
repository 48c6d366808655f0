"""The batched tower is transformers' own, the language half reads it, and it is saved."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from factories import fits
from safetensors.torch import load_file
from transformers import Qwen2VLForConditionalGeneration

from demo_model import checkpoint, reader
from demo_model.split import CATEGORIES
from demo_model.vision import tower
from demo_model.vision.train_tower import Sorter
from productdesc import Described, Product, describe_many, load_engine
from productdesc.channels import CHANNELS, write_schema
from productdesc.engines.known_models import DEMO
from productdesc.engines.qwen2vl.inputs.mrope import Grid


@pytest.fixture(scope="module")
def model() -> Qwen2VLForConditionalGeneration:
    return checkpoint.load(DEMO)


@torch.no_grad()
def test_the_batched_tower_equals_transformers(
    model: Qwen2VLForConditionalGeneration,
) -> None:
    pixels = torch.randn(3, 3, 140, 112, generator=torch.Generator().manual_seed(0))
    ours = tower.merged(model.model.visual, pixels)
    flat = tower.patches(pixels).reshape(-1, 1176)
    theirs = model.model.visual(flat, grid_thw=torch.tensor([[1, 10, 8]] * 3)).pooler_output
    assert (ours.flatten(0, 1) - theirs).abs().max() < 1e-3


@torch.no_grad()
def test_the_language_half_answers_the_kind_that_is_spelt(
    model: Qwen2VLForConditionalGeneration,
) -> None:
    """Tokens that hold the word of a kind, and nothing else, are read as that kind."""
    vocabulary = checkpoint.vocabulary(DEMO)
    firsts = torch.tensor([vocabulary.encode(name)[0] for name in CATEGORIES])
    assert len(set(firsts.tolist())) == len(CATEGORIES), "each begins with another token"
    sorter = Sorter(model.model.visual, len(CATEGORIES))
    words = model.model.language_model.embed_tokens.weight[firsts]
    middle = sorter.tokens(torch.zeros(1, 3, 140, 140)).mean((0, 1))
    sorter.head.weight.zero_()
    inner = reader.inner_width(sorter)
    spelled = []
    for kind in range(len(CATEGORIES)):
        sorter.head.bias.zero_()
        sorter.head.bias[kind] = 12.0
        tokens = reader.spelt(sorter, words, middle, 0.6)(torch.zeros(1, 25, inner))
        asked = reader.question(vocabulary, Grid(5, 5))
        logits = reader.answers(model, asked, tokens, firsts)
        spelled.append(int(logits.argmax()) == kind)
    assert sum(spelled) >= len(CATEGORIES) - 2


def test_told_to_write_the_weights_hold_to_every_schema(root: Path, tmp_path: Path) -> None:
    """The write turn of the fast engine on real weights; what they say is nonsense."""
    folder = shutil.copytree(DEMO, tmp_path / "model")
    about = folder / "productdesc.json"
    said = json.loads(about.read_text("utf-8")) | {"writes": True}
    about.write_text(json.dumps(said), encoding="utf-8")
    engine = load_engine(str(folder))
    photos = [root / "examples" / name for name in ("striped-shoe.jpg", "white-shoes.jpg")]
    product = Product(photos=photos, attributes={"brand": "Acme", "material": "canvas"})
    for name, channel in CHANNELS.items():
        settings = {"channel": name, "inferred": "all"}
        [outcome] = describe_many([product], engine, keep_drafts=True, **settings)
        assert isinstance(outcome, Described) and outcome.draft
        text = outcome.draft.turn("write").text
        assert fits(text, write_schema(channel.fields, len(photos)))
        assert outcome.description.provenance.written_by == "model"


def test_a_saved_checkpoint_has_the_new_tower_and_all_else_as_it_was(
    model: Qwen2VLForConditionalGeneration, tmp_path: Path
) -> None:
    other = checkpoint.load(DEMO).model.visual
    with torch.no_grad():
        other.merger.mlp[2].bias.add_(1)
    checkpoint.save(DEMO, other, tmp_path)
    before, after = (load_file(f / checkpoint.WEIGHTS) for f in (DEMO, tmp_path))
    assert before.keys() == after.keys()
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    assert changed == ["visual.merger.mlp.2.bias"]
    for path in DEMO.iterdir():
        if path.is_file() and path.name != checkpoint.WEIGHTS:
            assert (tmp_path / path.name).read_bytes() == path.read_bytes()
    again = checkpoint.load(tmp_path)
    assert torch.equal(
        again.model.visual.merger.mlp[2].bias, other.merger.mlp[2].bias.half().float()
    )
    assert torch.equal(again.lm_head.weight, model.lm_head.weight)
