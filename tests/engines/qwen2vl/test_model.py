"""The network as we run it: the same logits as transformers' own forward.

Whole prompts, continued and branched conversations, photos in any turn. transformers gets
the conversation in one piece and its own `get_rope_index`; we read it in parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from doubles.networks import TorchCalls
from doubles.tiny_qwen2vl import make
from PIL import Image
from transformers.models.qwen2_vl.modeling_qwen2_vl import (
    Qwen2VLForConditionalGeneration,
)

from productdesc.engines.checkpoint.probe import inspect
from productdesc.engines.qwen2vl.attention.kv_cache import AttentionLimits, KVPrefix
from productdesc.engines.qwen2vl.attention.ragged_cache import RaggedCache
from productdesc.engines.qwen2vl.inputs.image_processor import (
    ImageProcessorConfig,
    PixelValues,
    pixel_values,
)
from productdesc.engines.qwen2vl.inputs.mrope import Grid, positions
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer, ChatTurn
from productdesc.engines.qwen2vl.modeling.model import (
    CPU_LIMITS,
    Network,
    Step,
    load_network,
)
from productdesc.engines.qwen2vl.scheduler.context import (
    Prefill,
    Prefilled,
    Qwen2VLContext,
    prefill_system,
)
from productdesc.records import Photo

RULE = ImageProcessorConfig(max_pixels=28 * 28 * 30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield make(tmp_path_factory.mktemp("tiny") / "model")
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def network(folder: Path) -> Network:
    return load_network(inspect(folder), device="cpu")


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> ChatTokenizer:
    checkpoint = inspect(folder)
    return ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)


@pytest.fixture(scope="module")
def reference(folder: Path) -> Any:
    model = Qwen2VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    return model.eval()


def photo(seed: int, width: int, height: int) -> PixelValues:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    image = Image.fromarray(pixels)
    return pixel_values(Photo(image, "noise", "0" * 64, "PNG", width, height), RULE)


def read_branches(
    network: Network,
    before: Qwen2VLContext,
    turns: Sequence[ChatTurn],
    photos: Iterable[PixelValues] = (),
) -> list[Prefilled]:
    """In a forward of their own."""
    prefill = Prefill(network, before, turns, network.encode_images(photos))
    while prefill.remaining:
        network.forward([prefill.next_part(11)])
    return prefill.finish()


def read(
    network: Network, before: Qwen2VLContext, turn: ChatTurn, photos: Iterable[PixelValues]
) -> Prefilled:
    [found] = read_branches(network, before, [turn], photos)
    return found


def scored(network: Network, reads: Sequence[Prefilled]) -> torch.Tensor:
    """Logits after the last token of each, as the first step of a batch gives them."""
    cache = RaggedCache([r.prefix for r in reads], network.device)
    steps = [Step(r.unread, positions([len(r.unread)], r.position)[0]) for r in reads]
    return network.extend(steps, cache)


def grid(photo: PixelValues) -> Grid:
    return Grid(photo.grid_h // 2, photo.grid_w // 2)


def their_logits(reference: Any, ids: Sequence[int], photos: Sequence[PixelValues]) -> Any:
    """Logits after the last token, by transformers alone."""
    tokens = torch.tensor([list(ids)])
    kinds = (tokens == reference.config.image_token_id).int()
    pixels = {}
    if photos:
        grids = [[1, p.grid_h, p.grid_w] for p in photos]
        pixels = {
            "pixel_values": torch.from_numpy(np.concatenate([p.values for p in photos])),
            "image_grid_thw": torch.tensor(grids),
        }
    with torch.inference_mode():
        out = reference(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            mm_token_type_ids=kinds,
            use_cache=False,
            **pixels,
        )
    return out.logits[0, -1]


PHOTO_SETS = {
    "no photo": (),
    "one": ((1, 140, 200),),
    "two of unlike size": ((1, 60, 300), (2, 200, 90)),
    "three": ((1, 56, 56), (2, 150, 150), (3, 300, 60)),
}


@pytest.mark.parametrize("sizes", PHOTO_SETS.values(), ids=PHOTO_SETS)
def test_logits_of_a_prompt_equal_transformers_own(
    network: Network,
    tokenizer: ChatTokenizer,
    reference: Any,
    sizes: tuple[tuple[int, int, int], ...],
) -> None:
    photos = [photo(*size) for size in sizes]
    turn = tokenizer.turn("You describe.", "What is this?", [grid(p) for p in photos])
    with torch.inference_mode():
        ours = read(network, Qwen2VLContext(network), turn, photos)
        logits = scored(network, [ours])[0]
    theirs = their_logits(reference, ours.ids, photos)
    assert float((logits - theirs).abs().max()) < 1e-4


def test_logits_of_a_continued_and_branched_conversation_equal_a_fresh_whole_run(
    network: Network, tokenizer: ChatTokenizer, reference: Any
) -> None:
    first = [photo(1, 140, 200)]
    turn = tokenizer.turn("System.", "What is this?", [grid(p) for p in first])
    said = tokenizer.encode('{"kind":"shoe"}') + tokenizer.turn_end()
    with torch.inference_mode():
        begun = read(network, Qwen2VLContext(network), turn, first)
        unread = (*begun.unread, *said)
        before = Qwen2VLContext(
            network, (*begun.ids, *said), unread, begun.prefix, begun.position, 1
        )
        # Two branches of one context, one with a further photo; neither changes it.
        for more in ([], [photo(2, 90, 60)], []):
            grids = [grid(p) for p in more]
            following = tokenizer.turn("", "Now write.", grids, photos_before=1)
            ours = read(network, before, following, more)
            theirs = their_logits(reference, ours.ids, [*first, *more])
            logits = scored(network, [ours])[0]
            assert float((logits - theirs).abs().max()) < 1e-4


def test_branches_of_several_photos_equal_fresh_whole_runs(
    network: Network, tokenizer: ChatTokenizer, reference: Any
) -> None:
    """Prefixes of unlike length, branches of unlike length and number, all in one batch."""
    questions = (["Write a title.", "Write a description: up to 90."], ["Write tags."], [])
    ids, reads, photos = [], [], []
    with torch.inference_mode():
        for number, texts in enumerate(questions):
            shown = [photo(number, 100 + 40 * number, 150)]
            turn = tokenizer.turn("System.", "What is this?", [grid(p) for p in shown])
            begun = read(network, Qwen2VLContext(network), turn, shown)
            before = Qwen2VLContext(
                network, begun.ids, begun.unread, begun.prefix, begun.position, 1
            )
            turns = [tokenizer.turn("", text, [], photos_before=1) for text in texts]
            reads += read_branches(network, before, turns) if turns else [begun]
            photos += [shown] * max(1, len(texts))
        assert len({id(r.prefix) for r in reads}) == 3
        ids = [list(r.ids) for r in reads]
        cache = RaggedCache([r.prefix for r in reads], network.device)
        steps = [Step(r.unread, positions([len(r.unread)], r.position)[0]) for r in reads]
        at = [r.position + len(r.unread) for r in reads]
        kept = list(range(len(reads)))
        for leaving in (1, 2, 0):  # the title ends, then the tags, then the description
            logits = network.extend(steps, cache)
            for row, index in enumerate(kept):
                theirs = their_logits(reference, ids[index], photos[index])
                assert float((logits[row] - theirs).abs().max()) < 1e-4
                assert cache.prefix(row).length == len(ids[index])
                whole = cache.prefix(row).layer(0)[0]
                assert whole.shape[1] == len(ids[index])
            staying = [row for row, index in enumerate(kept) if index != leaving]
            cache.select_rows(staying)
            kept = [kept[row] for row in staying]
            steps = []
            for index in kept:
                new = [5, 6, 7][: 1 + (index + leaving) % 3]
                steps.append(Step(new, positions([len(new)], at[index])[0]))
                at[index] += len(new)
                ids[index] += new


def test_rows_of_unlike_length_in_one_batch_do_not_see_each_other(
    network: Network, tokenizer: ChatTokenizer, reference: Any
) -> None:
    texts = ["A", "A red shoe with long laces, made of wool", "Größe 42 of the jacket"]
    turns = [tokenizer.turn("", text, []) for text in texts]
    with torch.inference_mode():
        reads = [read(network, Qwen2VLContext(network), turn, []) for turn in turns]
        cache = RaggedCache([r.prefix for r in reads], network.device)
        ids = [list(r.ids) for r in reads]
        steps = [Step(r.unread, positions([1], r.position)[0]) for r in reads]
        network.extend(steps, cache)
        at = [r.position + 1 for r in reads]
        for new in ([[5], [6, 7, 8], [9, 10]], [[1, 2, 3, 4], [5], [6]]):
            steps = []
            for row, tokens in enumerate(new):
                places, at[row] = positions([len(tokens)], at[row])
                steps.append(Step(tokens, places))
                ids[row] += tokens
            logits = network.extend(steps, cache)
        for row in range(3):
            theirs = their_logits(reference, ids[row], [])
            assert float((logits[row] - theirs).abs().max()) < 1e-4
            assert cache.prefix(row).length == len(ids[row])


def test_many_tokens_are_read_in_blocks_with_the_same_result(
    network: Network, folder: Path, tokenizer: ChatTokenizer
) -> None:
    limits = replace(CPU_LIMITS, mlp_tokens=3)
    in_blocks = load_network(inspect(folder), device="cpu", limits=limits)
    turn = tokenizer.turn("Be brief.", "Say something of the shoes", [])
    opening = prefill_system(network, turn)
    new = [[5, 6, 7, 8, 9, 10, 11], [12, 13], [14]]
    steps = [Step(n, positions([len(n)], opening.position)[0]) for n in new]

    def logits(network: Network, limits: AttentionLimits) -> torch.Tensor:
        cache = RaggedCache([opening.prefix] * 3, network.device, limits)
        return network.extend(steps, cache, [7, 2, 1])

    with torch.inference_mode():
        whole = logits(network, AttentionLimits())
        with TorchCalls(torch.Tensor.softmax) as softmax:
            found = logits(in_blocks, AttentionLimits(max_scores_cpu=2))
        assert (found - whole).abs().max() < 1e-5
    assert len(softmax.calls) == 7 * network._layers.depth, "one new token at a time"


def test_no_sum_over_tokens_counts_the_padding_of_short_rows(network: Network) -> None:
    steps = [Step([7] * n, positions([n], 0)[0]) for n in (1, 6, 2)]
    with torch.inference_mode(), TorchCalls(torch.nn.functional.linear) as linear:
        network.extend(steps, RaggedCache([KVPrefix()] * 3, network.device))
    # the last product is that of lm_head, of each row's last token alone
    *tokens, scored = [x.numel() // x.shape[-1] for x, *_ in linear.calls]
    assert set(tokens) == {1 + 6 + 2} and scored == 3


def test_positions_equal_transformers_get_rope_index(reference: Any) -> None:
    shapes = [(4, 10), (10, 4), (2, 2)]
    pieces: list[int | Grid] = [7]
    kinds = [0] * 7
    for rows, columns in shapes:
        pieces += [Grid(rows, columns), 3]
        kinds += [1] * (rows * columns) + [0] * 3
    ours, following = positions(pieces, 0)
    theirs, delta = reference.model.get_rope_index(
        torch.zeros((1, len(kinds)), dtype=torch.long),
        torch.tensor([kinds]),
        torch.tensor([[1, 2 * rows, 2 * columns] for rows, columns in shapes]),
    )
    assert ours.tolist() == theirs[:, 0].tolist()
    assert following == len(kinds) + int(delta[0])


@pytest.mark.parametrize(("most", "calls"), [(1, 4), (40, 3), (1 << 14, 1)])
def test_photos_go_through_the_tower_together_as_one_by_one(
    folder: Path, most: int, calls: int
) -> None:
    limits = replace(CPU_LIMITS, image_patches=most)
    network = load_network(inspect(folder), device="cpu", limits=limits)
    several = [photo(1, 56, 56), photo(2, 56, 84), photo(3, 112, 56), photo(4, 56, 56)]
    assert [len(one.values) for one in several] == [16, 24, 32, 16]
    tower, seen = network._module.model.visual, []
    handle = tower.register_forward_hook(lambda *_: seen.append(1))
    with torch.inference_mode():
        found = network.encode_images(several)
        handle.remove()
        alone = [network.encode_images([one]) for one in several]
        assert network.encode_images([]) is None
    assert len(seen) == calls
    assert found is not None
    wanted = torch.cat([one for one in alone if one is not None])
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


def test_reading_leaves_no_state_on_the_module(
    network: Network, tokenizer: ChatTokenizer
) -> None:
    shoe = photo(1, 140, 200)
    turn = tokenizer.turn("", "What?", [grid(shoe)])
    with torch.inference_mode():
        read(network, Qwen2VLContext(network), turn, [shoe])
    assert network._module.model.rope_deltas is None


def test_an_empty_prefix_has_no_length() -> None:
    assert KVPrefix().length == 0


def test_what_a_batch_shares_is_held_once(
    network: Network, tokenizer: ChatTokenizer
) -> None:
    turns = [tokenizer.turn("Be brief.", f"Say {n}", []) for n in ("one", "forty-two")]
    with torch.inference_mode():
        opening = prefill_system(network, turns[0])
        seen = [read(network, opening, turn.without_system(), []).prefix for turn in turns]
        kept = [KVPrefix(tuple(m.layer(n) for n in range(m.depth))) for m in seen]
        after = [KVPrefix(tuple(m.layer(n) for n in range(m.depth)), m) for m in seen]
        cache = RaggedCache(after, network.device)
    assert cache.shared is not None
    for number, (keys, values) in enumerate(cache.shared.layers):
        for row, prefix in enumerate(after):
            # the prefixes that it continues are views of the same copy
            for part in (prefix, seen[row]):
                for store, mine in zip((keys, values), part.layer(number), strict=True):
                    assert mine.data_ptr() == store[row].data_ptr()
            assert torch.equal(seen[row].layer(number)[0], kept[row].layer(number)[0])
            twice = torch.cat([kept[row].layer(number)[1]] * 2, 1)
            assert torch.equal(prefix.layer(number)[1], twice)
        # what every conversation begins with does not keep a batch alive
        assert opening.prefix.layer(number)[0].data_ptr() != keys[0].data_ptr()
        assert opening.prefix.layer(number)[0].data_ptr() != keys[1].data_ptr()


@pytest.mark.parametrize("layout", ["flat", "nested"])
@pytest.mark.parametrize("sharded", [False, True], ids=["single", "sharded"])
@pytest.mark.parametrize("tied", [False, True], ids=["own head", "tied head"])
def test_every_published_layout_gives_the_same_logits(
    tmp_path: Path, layout: Any, sharded: bool, tied: bool
) -> None:
    plain = make(tmp_path / "plain", tied=tied)
    other = make(tmp_path / "other", layout=layout, sharded=sharded, tied=tied)
    shoe = photo(1, 140, 200)
    found = []
    for folder in (plain, other):
        checkpoint = inspect(folder)
        network = load_network(checkpoint, device="cpu")
        words = ChatTokenizer(checkpoint.tokenizer, checkpoint.specials)
        turn = words.turn("", "What is this?", [grid(shoe)])
        with torch.inference_mode():
            begun = read(network, Qwen2VLContext(network), turn, [shoe])
            found.append(scored(network, [begun])[0])
    # to the last bits: where weights lie in memory may change the order of a sum
    torch.testing.assert_close(found[0], found[1], rtol=1e-5, atol=1e-5)
