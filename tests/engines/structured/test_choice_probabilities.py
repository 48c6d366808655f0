"""Choice probabilities: the definition, worked out again by brute force."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llguidance import LLMatcher, LLTokenizer

from productdesc.engines.protocol import ChoiceProbability
from productdesc.engines.structured.choice_probabilities import (
    ChoiceWatch,
    closed_choices,
    softmax_tokens,
)
from productdesc.engines.structured.compile import compile_schema
from productdesc.engines.structured.json_cursor import JsonCursor
from productdesc.errors import PromptError

PIECES = ["da", "dark", "dark ", "blue", " b", "bl", "ue", "red", "re", '"}', 'red"', "k r"]
VALUES = ("dark blue", "dark red", "blue", "red", "bleu")
SCHEMA = {
    "type": "object",
    "properties": {"colour": {"enum": list(VALUES)}},
    "required": ["colour"],
}


@cache
def vocabulary() -> tuple[LLTokenizer, tuple[bytes, ...]]:
    """A toy vocabulary: 256 bytes, some pieces of words, and an end."""
    letters = _byte_letters()
    names = ["".join(letters[b] for b in piece.encode()) for piece in PIECES]
    vocab = {letters[b]: b for b in range(256)}
    vocab |= {name: 256 + n for n, name in enumerate(names)}
    end = len(vocab)
    tokenizer = {
        "model": {"type": "BPE", "vocab": vocab, "merges": []},
        "pre_tokenizer": {
            "type": "ByteLevel",
            "add_prefix_space": False,
            "trim_offsets": False,
            "use_regex": False,
        },
        "decoder": {
            "type": "ByteLevel",
            "add_prefix_space": False,
            "trim_offsets": False,
            "use_regex": False,
        },
        "added_tokens": [
            {
                "id": end,
                "content": "<end>",
                "special": True,
                "normalized": False,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
            }
        ],
    }
    spelled = (*(bytes([b]) for b in range(256)), *(p.encode() for p in PIECES))
    return LLTokenizer(json.dumps(tokenizer), eos_token=end), spelled


def _byte_letters() -> list[str]:
    """GPT-2's way to write bytes as letters."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in shown]
    letters = {b: chr(b) for b in shown} | {b: chr(256 + n) for n, b in enumerate(hidden)}
    return [letters[b] for b in range(256)]


def written(
    schema: dict[str, Any], scored: tuple[str, ...], seed: int, cap: int = 100
) -> tuple[str, dict[str, ChoiceProbability | None], list[tuple[list[int], np.ndarray]]]:
    """A reply by random logits, its probabilities, and each step's history and logits."""
    tokenizer, spelled = vocabulary()
    matcher = compile_schema(schema, tokenizer)[1].deep_copy()
    random = np.random.default_rng(seed)
    watch = ChoiceWatch(closed_choices(schema, scored))
    ids: list[int] = []
    steps = []

    def take(tokens: list[int]) -> None:
        assert matcher.consume_tokens(tokens)
        ids.extend(tokens)
        watch.read(b"".join(spelled[t] for t in tokens))

    take(matcher.compute_ff_tokens())
    while not matcher.is_stopped() and len(ids) < cap:
        logits = random.normal(size=len(spelled)) * 2
        allowed = [t for t in range(len(spelled)) if matcher.validate_tokens([t])]
        best = max(allowed, key=lambda t: float(logits[t]))
        history = list(ids)

        # asked at once, so what it binds is that of this step
        def possible() -> Iterable[tuple[bytes, float]]:
            steps.append((history, logits))  # noqa: B023
            scores = [float(logits[t]) for t in allowed]  # noqa: B023
            return softmax_tokens(scores, (spelled[t] for t in allowed))  # noqa: B023

        watch.take(spelled[best], possible)
        assert matcher.consume_tokens([best])
        ids.append(best)
        if not matcher.is_stopped():
            take(matcher.compute_ff_tokens())
    text = b"".join(spelled[t] for t in ids).decode()
    return text, watch.probabilities(), steps


def reached(matcher: LLMatcher, spelled: tuple[bytes, ...], data: bytes) -> set[str]:
    """Every value that some string of tokens from here spells; by trying all of them."""
    if matcher.is_stopped() or matcher.is_accepting():
        return {json.loads(data)["colour"]}
    found: set[str] = set()
    for token in range(len(spelled)):
        if matcher.validate_tokens([token]):
            after = matcher.deep_copy()
            assert after.consume_tokens([token])
            found |= reached(after, spelled, data + spelled[token])
    return found


@pytest.mark.parametrize("seed", range(25))
def test_it_is_what_trying_every_string_of_tokens_gives(seed: int) -> None:
    text, probabilities, steps = written(SCHEMA, ("/colour",), seed)
    chosen = json.loads(text)["colour"]
    tokenizer, spelled = vocabulary()
    shares = dict.fromkeys(VALUES, 1.0)
    going = set(VALUES)
    for ids, logits in steps:
        matcher = compile_schema(SCHEMA, tokenizer)[1].deep_copy()
        assert matcher.consume_tokens(ids)
        data = b"".join(spelled[t] for t in ids)
        leads: dict[int, set[str]] = {}
        for token in range(len(spelled)):
            if matcher.validate_tokens([token]):
                after = matcher.deep_copy()
                assert after.consume_tokens([token])
                leads[token] = reached(after, spelled, data + spelled[token])
        total = sum(math.exp(logits[t]) for t in leads)
        going &= set.union(*leads.values())
        for value in going:
            agreeing = [t for t, values in leads.items() if value in values]
            shares[value] *= sum(math.exp(logits[t]) for t in agreeing) / total
    found = probabilities["/colour"]
    assert found and found.value == chosen
    assert found.probability == pytest.approx(shares.pop(chosen), abs=1e-12)
    assert found.runner_up_probability == pytest.approx(max(shares.values()), abs=1e-12)
    assert shares[found.runner_up] == pytest.approx(max(shares.values()), abs=1e-12)


def test_other_spellings_of_a_value_count_for_it() -> None:
    watch = ChoiceWatch(closed_choices(SCHEMA, ["/colour"]))
    watch.read(b'{"colour":"')
    watch.take(b"re", lambda: [(b"r", 0.1), (b"re", 0.2), (b"red", 0.3), (b"bl", 0.4)])
    watch.take(b"d", never)
    watch.read(b'"}')
    found = watch.probabilities()["/colour"]
    assert found and found.value == "red" and found.probability == pytest.approx(0.6)
    assert (found.runner_up, found.runner_up_probability) == ("blue", pytest.approx(0.4))


def never() -> list[tuple[bytes, float]]:
    raise AssertionError("nothing was open here")


def test_a_token_that_goes_on_beyond_the_value_agrees_with_it() -> None:
    schema = {"properties": {"n": {"enum": [1, 12, 2]}, "m": {"const": "x"}}}
    watch = ChoiceWatch(closed_choices(schema, ["/n", "/m"]))
    watch.read(b'{"n":')
    watch.take(b"1", lambda: [(b"1", 0.5), (b"12", 0.25), (b'1,"', 0.125), (b"2", 0.125)])
    watch.take(b",", lambda: [(b"2", 0.25), (b",", 0.25), (b',"m', 0.5)])
    watch.take(b'"m":"x"', never)
    watch.read(b"}")
    found = watch.probabilities()
    assert found["/n"] == ChoiceProbability(1, 0.625 * 0.75, 12, 0.75 * 0.25)
    assert found["/m"] == ChoiceProbability("x", 1.0, None, 0.0)


def test_a_token_that_begins_before_the_value_chooses_too() -> None:
    watch = ChoiceWatch(closed_choices(SCHEMA, ["/colour"]))
    watch.read(b'{"colour')
    possible = [(b'":"bl', 0.5), (b'":"r', 0.3), (b'":', 0.1), (b"x", 0.1)]
    watch.take(b'":"r', lambda: possible)
    watch.read(b'ed"}')
    found = watch.probabilities()["/colour"]
    assert found and found.value == "red"
    assert found.probability == pytest.approx((0.3 + 0.1) / 0.9)


def test_of_a_server_only_tokens_of_values_count() -> None:
    """They were listed before the grammar: most of what is listed may be no value."""
    watch = ChoiceWatch(closed_choices(SCHEMA, ["/colour"]), is_listed=True)
    watch.take(b'{"colour": "', lambda: [(b'{"colour": "', 1.0)])
    watch.take(b"red", lambda: [(b"Red", 0.9), (b"red", 0.06), (b"dark", 0.02)])
    watch.take(b'"}', never)
    found = watch.probabilities()["/colour"]
    assert found and found.value == "red" and found.probability == pytest.approx(0.75)
    assert found.runner_up in ("dark blue", "dark red")


def test_of_a_server_that_lists_no_other_value_nothing_is_known() -> None:
    watch = ChoiceWatch(closed_choices(SCHEMA, ["/colour"]), is_listed=True)
    watch.read(b'{"colour": "')
    watch.take(b"red", lambda: [(b"Red", 0.9), (b"red", 0.06)])
    watch.read(b'"}')
    assert watch.probabilities() == {"/colour": None}


def test_a_choice_that_did_not_end_has_none() -> None:
    _, probabilities, _ = written(SCHEMA, ("/colour",), seed=3, cap=len('{"colour":"d'))
    assert probabilities == {"/colour": None}


@pytest.mark.parametrize("pointer", ["/size", "/colour/x", "colour", "", "/free"])
def test_a_pointer_to_no_closed_choice_is_refused(pointer: str) -> None:
    schema = {**SCHEMA, "properties": {**SCHEMA["properties"], "free": {"type": "string"}}}
    with pytest.raises(PromptError, match="is no closed choice"):
        closed_choices(schema, [pointer])


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)


def leaves(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        names = ((k.replace("~", "~0").replace("/", "~1"), v) for k, v in value.items())
        return [leaf for k, v in names for leaf in leaves(v, f"{pointer}/{k}")]
    if isinstance(value, list):
        return [leaf for n, v in enumerate(value) for leaf in leaves(v, f"{pointer}/{n}")]
    return [(pointer, value)]


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=4), TREES, max_size=4), st.booleans())
def test_the_cursor_knows_the_pointer_of_every_byte(tree: Any, escaped: bool) -> None:
    cursor = JsonCursor()
    texts: dict[str, bytes] = {}
    spaces = (", ", ": ") if escaped else (",", ":")
    whole = json.dumps(tree, ensure_ascii=escaped, separators=spaces)
    for byte in whole.encode("utf-8", "surrogatepass"):
        pointer = cursor.read(byte)
        if pointer is not None:
            texts[pointer] = texts.get(pointer, b"") + bytes([byte])
    read = {p: json.loads(t.decode("utf-8", "surrogatepass")) for p, t in texts.items()}
    assert read == dict(leaves(tree))
