"""Prefix cache: rows that share one prefix attend as in a ragged cache."""

from __future__ import annotations

import random

import pytest
import torch

from productdesc.engines.qwen2vl.attention.kv_cache import (
    AttentionLimits,
    KVCache,
    KVPrefix,
)
from productdesc.engines.qwen2vl.attention.prefix_cache import PrefixCache, cache_for
from productdesc.engines.qwen2vl.attention.ragged_cache import RaggedCache
from productdesc.engines.qwen2vl.attention.varlen import VarlenBatch, even_block

HEADS, SHARED, SIZE, LAYERS = 6, 2, 8, 3
CPU = torch.device("cpu")


def kv_prefix(length: int, seed: int = 0) -> KVPrefix:
    made = torch.Generator().manual_seed(seed)
    shape = SHARED, length, SIZE
    return KVPrefix(
        tuple(
            (torch.randn(shape, generator=made), torch.randn(shape, generator=made))
            for _ in range(LAYERS)
        )
    )


def step(caches: list[KVCache], lengths: list[int], made: torch.Generator) -> None:
    """The same new tokens into all caches; the attention output of each is the same."""
    tokens = sum(lengths)
    for cache in caches:
        cache.reserve(lengths)
    for layer in range(LAYERS):
        query = torch.randn(tokens, HEADS, SIZE, generator=made)
        keys, values = (torch.randn(tokens, SHARED, SIZE, generator=made) for _ in range(2))
        first, *others = [cache.attend(layer, query, keys, values) for cache in caches]
        assert first.shape == (tokens, HEADS * SIZE)
        for other in others:
            torch.testing.assert_close(other, first, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("began", [0, 1, 37])
@pytest.mark.parametrize("seed", range(6))
def test_a_prefix_cache_attends_as_a_ragged_cache(began: int, seed: int) -> None:
    limits = AttentionLimits(growth=5, slice_from=7)
    rng, made = random.Random(seed), torch.Generator().manual_seed(seed)
    rows = rng.randrange(2, 7)
    start = kv_prefix(began) if began else KVPrefix()
    caches: list[KVCache] = [
        PrefixCache(start, rows, CPU, limits=limits),
        RaggedCache([start] * rows, CPU),
    ]
    for _ in range(40):
        lengths = [rng.choice([1, 1, 1, 2, 5]) for _ in range(rows)]
        step(caches, lengths, made)
        vain = [rng.randrange(length) for length in lengths]
        for cache in caches:
            cache.rollback(vain)
        row = rng.randrange(rows)
        one, other = (cache.prefix(row) for cache in caches)
        assert one.length == other.length
        for layer in range(LAYERS):
            for ours, theirs in zip(one.layer(layer), other.layer(layer), strict=True):
                assert torch.equal(ours, theirs)
        if rows > 1 and rng.random() < 0.1:
            left = sorted(rng.sample(range(rows), rows - 1), key=lambda _: rng.random())
            for cache in caches:
                cache.select_rows(left)
            rows -= 1


def test_a_prefix_never_changes() -> None:
    start = kv_prefix(11)
    before = [tuple(x.clone() for x in start.layer(n)) for n in range(LAYERS)]
    made = torch.Generator().manual_seed(1)
    cache = PrefixCache(start, 3, CPU)
    for _ in range(50):
        step([cache], [2, 1, 1], made)
    kept = cache.prefix(1)
    own = [tuple(x.clone() for x in kept.layer(n)) for n in range(LAYERS)]
    cache.select_rows([2])
    for _ in range(50):
        step([cache], [1], made)
    for found, expected in ((start, before), (kept, own)):
        for number, pair in enumerate(expected):
            for is_, was in zip(found.layer(number), pair, strict=True):
                assert torch.equal(is_, was)


def test_a_prefix_of_several_turns_is_held_once() -> None:
    turns = KVPrefix(kv_prefix(5, 1)._parts[0], kv_prefix(9))
    cache = PrefixCache(turns, 2, CPU)
    step([cache], [1, 1], torch.Generator().manual_seed(0))
    for number, (keys, _) in enumerate(cache._layers):
        assert turns.layer(number)[0].data_ptr() == keys.data_ptr()
    for _ in range(100):  # it has grown, and moved
        step([cache], [1, 1], torch.Generator().manual_seed(0))
    for number, (keys, _) in enumerate(cache._layers):
        assert turns.layer(number)[0].data_ptr() == keys.data_ptr()


def test_rows_of_one_prefix_get_a_prefix_cache_and_others_a_ragged_one() -> None:
    one, other = kv_prefix(3), kv_prefix(3, 1)
    assert isinstance(cache_for([one] * 4, CPU), PrefixCache)
    assert isinstance(cache_for([one, other], CPU), RaggedCache)


@pytest.mark.parametrize("lengths", [[1], [3, 3], [1, 4, 2], [5, 1, 1, 1]])
def test_packing_takes_the_padding_out_and_puts_it_back(lengths: list[int]) -> None:
    batch = VarlenBatch(lengths, CPU)
    x = torch.arange(sum(lengths) * 2).view(-1, 2) + 1
    wide = batch.pad(x)
    assert wide.shape == (len(lengths), max(lengths), 2)
    assert int((wide[..., 0] != 0).sum()) == sum(lengths)
    assert torch.equal(batch.pack(wide), x)


@pytest.mark.parametrize("most", [1, 7, 256])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 255, 256, 257, 520, 4096])
def test_parts_are_as_few_as_may_be_and_none_is_small(count: int, most: int) -> None:
    parts = torch.split(torch.zeros(count), even_block(count, most))
    assert all(len(part) <= most for part in parts)
    if count:
        assert len(parts) == -(-count // most)
        assert min(map(len, parts)) >= max(map(len, parts)) - len(parts)
