"""The batched forwards are transformers' own sums, and a checkpoint survives its file."""

import json
from pathlib import Path

import pytest
import torch
from transformers import Qwen2VLForConditionalGeneration

from demo_model import checkpoint
from demo_model.language import language, vocabulary
from demo_model.language.conversations import Conversation
from demo_model.language.vocabulary import SPECIAL
from demo_model.vision import tower
from productdesc.engines.qwen2vl.inputs.mrope import Grid, positions


@pytest.fixture(scope="module")
def model() -> Qwen2VLForConditionalGeneration:
    torch.manual_seed(0)
    new = language.new_model(language.configuration())
    tower.start(new.model.visual, local=3, contrast=2.5)
    return new.eval()


@torch.no_grad()
def test_the_batched_tower_equals_transformers(
    model: Qwen2VLForConditionalGeneration,
) -> None:
    pixels = torch.randn(3, 3, 140, 112)
    ours = tower.merged(model.model.visual, pixels)
    flat = tower.patches(pixels).reshape(-1, 1176)
    theirs = model.model.visual(flat, grid_thw=torch.tensor([[1, 10, 8]] * 3)).pooler_output
    assert (ours.flatten(0, 1) - theirs).abs().max() < 1e-4


@torch.no_grad()
def test_the_batched_language_half_equals_transformers(
    model: Qwen2VLForConditionalGeneration,
) -> None:
    image = model.config.image_token_id
    ids = [5, 6, *[image] * 6, 7, 8, 9]
    pieces = [2, Grid(3, 2), 3]
    talk = Conversation(ids, list(pieces), [0.0] * len(ids), [0])
    batch = language.Batch.of([talk, talk], pad=0)
    features = torch.randn(12, language.HIDDEN)
    ours = model.lm_head(language.hidden(model, batch, features))
    where, _ = positions(pieces, 0)
    vectors = model.model.language_model.embed_tokens(batch.ids)
    vectors[batch.ids == image] = features
    theirs = model(
        inputs_embeds=vectors,
        position_ids=torch.from_numpy(where)[:, None].expand(3, 2, -1),
        use_cache=False,
    ).logits
    assert (ours - theirs).abs().max() < 1e-4


def logits(model: Qwen2VLForConditionalGeneration, ids: torch.Tensor) -> torch.Tensor:
    places = torch.arange(ids.shape[1]).expand(3, len(ids), -1)
    batch = language.Batch(ids, places, torch.zeros(ids.shape), [])
    return model.lm_head(language.hidden(model, batch, None))


@torch.no_grad()
def test_a_new_model_can_already_copy(
    model: Qwen2VLForConditionalGeneration,
) -> None:
    words = torch.randint(0, 2000, (2, 40))
    ids = torch.cat([words, torch.randint(0, 2000, (2, 60)), words], 1)
    said = logits(model, ids).argmax(-1)
    right = said[:, 100:-1] == words[:, 1:]
    assert right.float().mean() > 0.7  # one token in 2,560 would be chance


@torch.no_grad()
def test_a_new_model_can_already_find_the_value_of_a_key(
    model: Qwen2VLForConditionalGeneration,
) -> None:
    ids = torch.randint(0, 2000, (32, 80))
    key, value = ids[:, 20], ids[:, 24]  # `"key": "value`
    ids[:, 77] = key  # `Key: ` and then what
    likeliest = logits(model, ids)[:, 79].topk(5).indices
    assert (likeliest == value[:, None]).any(1).float().mean() > 0.5


def test_a_saved_checkpoint_is_small_and_loads_unchanged(
    model: Qwen2VLForConditionalGeneration, tmp_path: Path
) -> None:
    tokenizer = vocabulary.learn(["a red hat in cotton"] * 3, 300)
    checkpoint.save(model, tokenizer, tmp_path, "trial")
    assert (tmp_path / "model.safetensors").stat().st_size < checkpoint.MAX_BYTES
    again = language.new_model(language.configuration())
    checkpoint.load(tmp_path, again)
    for name, value in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], value.half().float()), name
    theirs = Qwen2VLForConditionalGeneration.from_pretrained(tmp_path, dtype=torch.float32)
    assert torch.equal(theirs.lm_head.weight, again.lm_head.weight)
    about = json.loads((tmp_path / "productdesc.json").read_text(encoding="utf-8"))
    assert "other product" in about["categories"]


def test_the_vocabulary_spells_every_text_and_keeps_the_published_names() -> None:
    tokenizer = vocabulary.learn(["a red hat", "a blue hat"], 300)
    text = 'Žižkov "東京" \t ☂ O\'Hara 123'
    assert tokenizer.decode(tokenizer.encode(text).ids) == text
    ids = vocabulary.special_ids(tokenizer)
    assert tokenizer.get_vocab_size() == 300
    assert list(ids) == list(SPECIAL)
    first = tokenizer.get_vocab_size() - len(SPECIAL)
    assert list(ids.values()) == list(range(first, first + len(SPECIAL)))


def test_a_word_has_the_same_tokens_after_a_space_and_after_a_quote() -> None:
    texts = ['a red hat by "red" and red hats'] * 3
    tokenizer = vocabulary.learn(texts, 300, glued=["by"])

    def tokens(text: str) -> list[str]:
        return list(tokenizer.encode(text).tokens)

    assert tokens(" red")[1:] == tokens("red") == ["red"]
    assert tokens(" by") == ["Ġby"]
