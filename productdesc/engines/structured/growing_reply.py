"""A reply as it grows: each chosen token taken, its choices watched, its end noticed."""

from __future__ import annotations

from functools import partial
from typing import Literal

from torch import Tensor

from .choice_probabilities import ChoiceWatch
from .sampler import is_loop
from .token_mask import StructuredReply

Finish = Literal["complete", "cap", "loop"]


def begin_reply(reply: StructuredReply, watch: ChoiceWatch) -> StructuredReply:
    """A fresh reply of the same grammar, with the tokens that the schema forces."""
    fresh = reply.fresh()
    fresh.begin()
    watch.read(fresh.data)
    return fresh


def take_token(
    reply: StructuredReply,
    watch: ChoiceWatch,
    token: int,
    logits: Tensor,
    *,
    max_tokens: int,
) -> Finish | None:
    """Add the token that was chosen by these logits, (vocab,), and what it forces.

    How the reply ended, closed where it must be; None while it goes on.
    """
    length = len(reply.ids)
    if watch.choices:
        watch.take(reply.bytes_of([token]), partial(reply.likelihoods, logits))
    reply.add(token)
    if watch.choices:
        watch.read(reply.bytes_of(reply.ids[length + 1 :]))
    if reply.is_complete:
        return "complete"
    if is_loop(reply.ids):
        reply.close()
        return "loop"
    if len(reply.ids) >= max_tokens:
        reply.close()
        return "cap"
    return None
