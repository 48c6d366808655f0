"""Token masks for structured output: every reply is JSON that fits its schema.

llguidance gives the masks; see `compile.py` for the schema, `close.py` for the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
from llguidance import LLMatcher, LLTokenizer

from ...errors import EngineError, OutputError
from ...text.printable import words_of
from ..lru_cache import LruCache
from .choice_probabilities import softmax_tokens
from .close import close
from .compile import compile_schema
from .schema import schema_key

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

PLAIN_FLAGS = dict.fromkeys(("normalized", "single_word", "lstrip", "rstrip"), False)
ESCAPES = 'n"\\'
"""No \\u: halves of surrogate pairs would be valid JSON and no valid text."""

CACHED_GRAMMARS = 64


class ReplyTokenizer(Protocol):
    """What a grammar asks of an engine's tokenizer.

    `specials` maps the text of every token that no reply may hold to its id. `bytes` are
    the ids of the 256 single bytes, -1 for one that there is not. `reply_end` is the id
    that ends a reply.
    """

    @property
    def specials(self) -> Mapping[str, int]: ...

    @property
    def bytes(self) -> tuple[int, ...]: ...

    @property
    def reply_end(self) -> int: ...


class GrammarCache:
    """Compiled grammars of one tokenizer, the most recently used cached."""

    def __init__(
        self, tokenizer_json: dict[str, Any], tokenizer: ReplyTokenizer, vocab_size: int
    ) -> None:
        """`tokenizer_json` is the checkpoint's; `vocab_size` is the rows of lm_head."""
        self.end = tokenizer.reply_end
        self._tokenizer = tokenizer
        self._vocab_size = vocab_size
        # n_vocab is the rows of lm_head, over the tokenizer's own count: the mask is
        # then 0 for the padding rows.
        try:
            self._ll_tokenizer = LLTokenizer(
                json.dumps(_unspellable(tokenizer_json, tokenizer.specials)),
                n_vocab=vocab_size,
                eos_token=self.end,
                slices=LLTokenizer.json_slices(),
            )
        except ValueError as e:
            raise EngineError(
                f"tokenizer.json: not usable for a grammar: {words_of(e)}"
            ) from e
        self._matchers: LruCache[LLMatcher] = LruCache(CACHED_GRAMMARS)

    def start(self, schema: Mapping[str, Any]) -> StructuredReply:
        """A new structured reply; `PromptError` where the schema cannot be enforced."""
        matcher = self._matchers.get(schema_key(schema), lambda: self._compile(schema))
        return StructuredReply(
            matcher.deep_copy(), self._ll_tokenizer, self._tokenizer, self._vocab_size
        )

    def _compile(self, schema: Mapping[str, Any]) -> LLMatcher:
        _, matcher = compile_schema(
            schema, self._ll_tokenizer, self._tokenizer.bytes, escapes=ESCAPES
        )
        return matcher


class StructuredReply:
    """A structured reply as it grows; every token in it was allowed by the grammar."""

    def __init__(
        self,
        matcher: LLMatcher,
        ll_tokenizer: LLTokenizer,
        tokenizer: ReplyTokenizer,
        vocab_size: int,
    ) -> None:
        self._matcher = matcher
        self._ll_tokenizer = ll_tokenizer
        self._tokenizer = tokenizer
        self._vocab_size = vocab_size
        self._end = tokenizer.reply_end
        self.ids: list[int] = []
        self.is_complete = False
        # characters that the model wrote before the reply was closed; None: not closed
        self.model_chars: int | None = None

    def fresh(self) -> StructuredReply:
        """A new reply of the same grammar, at its very start, for another try."""
        matcher = self._matcher.deep_copy()
        matcher.reset()
        return StructuredReply(
            matcher, self._ll_tokenizer, self._tokenizer, self._vocab_size
        )

    def begin(self) -> None:
        """Fast-forward: take the first tokens that the schema leaves no choice about.

        Nothing where that is the whole reply: its first token is then chosen like others.
        """
        self._take(self._matcher.compute_ff_tokens())
        self._raise_error()
        if self._matcher.is_stopped():
            self._matcher.reset()
            self.ids = []

    def mask(self) -> NDArray[np.bool_]:
        """Token mask: which tokens may come next, (vocab_size,)."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        self._raise_error()
        ones = np.unpackbits(bits, bitorder="little")[: self._vocab_size]
        allowed: NDArray[np.bool_] = ones.view(np.bool_)
        if not allowed.any():
            raise OutputError("the grammar allows no token here; the schema has no value")
        return allowed

    def likelihoods(self, logits: Tensor) -> Iterable[tuple[bytes, float]]:
        """Each token that may come next in bytes, and its share by these logits, (vocab,).

        The end of the reply is no token here.
        """
        ids = np.flatnonzero(self.mask())
        ids = ids[ids != self._end]
        scores = logits[torch.from_numpy(ids).to(logits.device)].double().tolist()
        return softmax_tokens(scores, (self.bytes_of([token]) for token in ids.tolist()))

    def bytes_of(self, ids: list[int]) -> bytes:
        """Tokens of a reply as UTF-8, which may begin or end inside a character."""
        return bytes(self._ll_tokenizer.decode_bytes(ids))

    def add(self, token: int) -> None:
        """Take one allowed token, and fast-forward through what the schema forces."""
        if token == self._end:
            self.is_complete = True
            return
        self._take([token])
        if not self._matcher.is_stopped():
            self._take(self._matcher.compute_ff_tokens())
        self._raise_error()
        self.is_complete = self._matcher.is_stopped()

    def allowed(self, tokens: list[int]) -> list[int]:
        """As many first tokens of these as the schema allows next."""
        return tokens[: self._matcher.validate_tokens(tokens)] if tokens else tokens

    def close(self) -> None:
        """End the reply by the shortest way the schema allows.

        Raises `OutputError` where there is no short way (a schema that recurses without
        end).
        """
        self.model_chars = len(self.data.decode("utf-8", "ignore"))
        self.ids += close(
            self._matcher, self._tokenizer.bytes, self._ll_tokenizer.decode_bytes, self.data
        )
        self._raise_error()
        self.is_complete = True

    @property
    def data(self) -> bytes:
        """The reply so far in UTF-8; may end inside a character until it is complete."""
        return self.bytes_of(self.ids)

    @property
    def text(self) -> str:
        """The complete reply."""
        return self.data.decode("utf-8")

    def _take(self, tokens: list[int]) -> None:
        if tokens and not self._matcher.consume_tokens(tokens):
            self._raise_error()
        self.ids += tokens

    def _raise_error(self) -> None:
        if self._matcher.is_error():
            raise OutputError(f"the grammar stopped: {words_of(self._matcher.get_error())}")


def _unspellable(tokenizer: dict[str, Any], specials: Mapping[str, int]) -> dict[str, Any]:
    """The tokenizer with every special token renamed to what no JSON text can hold.

    A schema may then name one ("<|im_end|>" as a choice) and gets it spelled in plain
    tokens, and no special token can pass for text.
    """
    model = dict(tokenizer["model"])
    model["vocab"] = {
        _hidden(specials[text]) if text in specials else text: number
        for text, number in model["vocab"].items()
    }
    hidden = [
        {**PLAIN_FLAGS, "id": number, "content": _hidden(number), "special": True}
        for number in sorted(specials.values())
    ]
    added = tokenizer.get("added_tokens") or []
    words = [token for token in added if token["content"] not in specials]
    return {
        **tokenizer,
        "model": model,
        "added_tokens": sorted([*hidden, *words], key=itemgetter("id")),
        "truncation": None,
        "padding": None,
    }


def _hidden(number: int) -> str:
    return f"\x01{number}\x01"
