"""The demo model's language half: its shape, its first weights, its forward and training.

The weights live in transformers' own module; `hidden` is the same sum for whole batches
of one length, and gives logits only where an answer is learned.
"""

import copy
import math
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

from productdesc.engines.qwen2vl.inputs.mrope import Grid, positions

from ..runs import Run, Say, fast_sums, until
from .catalogue import CATEGORIES
from .conversations import Author, Conversation, View
from .vocabulary import SPECIAL

VOCABULARY = 2560  # tokens, the special ones included
HIDDEN, LAYERS, HEADS, SHARED, INNER = 256, 5, 4, 2, 512
SECTIONS = (8, 12, 12)  # rotary pairs for time, height and width: 32 of a head of 64
_BACK = (1, 2, 4)  # places: `"key": "` is four tokens before its value
_TALK = range(16, 32)  # rotary pairs that hardly turn within a conversation
PROGRESS = "language.pt"
RATE = 3e-4
VISION = {"depth": 6, "embed_dim": 192, "num_heads": 6}


def configuration(vocabulary: int = VOCABULARY) -> Qwen2VLConfig:
    """The demo model's shape, as transformers reads it."""
    first = vocabulary - len(SPECIAL)
    ids = {text: first + i for i, text in enumerate(SPECIAL)}
    return Qwen2VLConfig(
        text_config={
            "vocab_size": vocabulary,
            "hidden_size": HIDDEN,
            "intermediate_size": INNER,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS,
            "num_key_value_heads": SHARED,
            "hidden_act": "silu",
            "max_position_embeddings": 8192,
            "rms_norm_eps": 1e-6,
            "use_sliding_window": False,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1000000.0,
                "mrope_section": list(SECTIONS),
            },
            "bos_token_id": ids["<|endoftext|>"],
            "eos_token_id": ids["<|im_end|>"],
            "tie_word_embeddings": True,
        },
        vision_config={
            **VISION,
            "hidden_size": HIDDEN,
            "mlp_ratio": 4,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
        },
        tie_word_embeddings=True,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )


def new_model(
    config: Qwen2VLConfig, alike: Sequence[tuple[int, int]] = ()
) -> Qwen2VLForConditionalGeneration:
    """A model of this shape with the weights of `start`."""
    model = Qwen2VLForConditionalGeneration._from_config(config).float()
    start(model, alike)
    return model


@torch.no_grad()
def start(
    model: Qwen2VLForConditionalGeneration, alike: Sequence[tuple[int, int]] = ()
) -> None:
    """First weights that can already copy.

    Heads of the first layer write beside each token which tokens stood one, two and four
    places before it.  In the second, one head finds where the present token stood before,
    best after the same neighbour, and repeats what followed; another finds the value of a
    key, `"brand": "X"`, after `Brand: `.  `alike` are pairs of tokens that count as one
    there, as brand and Brand.
    What is left of the model starts at random, and all of it is free to change.
    """
    text = model.model.language_model
    width = HIDDEN
    words = text.embed_tokens.weight
    nn.init.normal_(words, std=1 / math.sqrt(width))
    for layer in text.layers:
        attn = layer.self_attn
        for part in (attn.q_proj, attn.k_proj, attn.v_proj):
            nn.init.normal_(part.weight, std=1 / math.sqrt(width) / 2)
            nn.init.zeros_(part.bias)
        # a residual stream of norm 1 grows by about a tenth per part
        nn.init.normal_(attn.o_proj.weight, std=0.1 / width)
        nn.init.normal_(layer.mlp.gate_proj.weight, std=1 / math.sqrt(width))
        nn.init.normal_(layer.mlp.up_proj.weight, std=1 / math.sqrt(width))
        nn.init.normal_(layer.mlp.down_proj.weight, std=0.1 / math.sqrt(INNER * width))
    basis = torch.linalg.qr(torch.randn(width, width))[0].T
    name, *past = basis[:128].split(32)  # a token's name; those at _BACK
    values = basis[128:].split(64)
    for token, other in alike:
        words[other] += name.T @ (name @ (words[token] - words[other]))
    root = math.sqrt(width)

    first = text.layers[0].self_attn
    inverse = text.rotary_emb.inv_freq[:10]
    # 5 nats between a place and its neighbours
    near = math.sqrt(5 * 8 / float((1 - inverse.cos()).sum()))
    first.k_proj.weight.zero_()
    first.v_proj.weight.zero_()
    for shared in (0, 64):
        first.k_proj.bias[shared : shared + 10] = near
        first.v_proj.weight[shared : shared + 32] = name
    for head, (back, where) in enumerate(zip(_BACK, past, strict=True)):
        query = head * 64
        first.q_proj.weight[query : query + 64] = 0
        first.q_proj.bias[query : query + 10] = near * (inverse * back).cos()
        first.q_proj.bias[query + 32 : query + 42] = -near * (inverse * back).sin()
        first.o_proj.weight[:, query : query + 32] = where.T / root * 1.6

    second = text.layers[1].self_attn
    pairs = list(_TALK)
    dims = [*pairs, *(p + 32 for p in pairs)]
    # a letter pair stands in many words, so the token before it has to fit as well: both
    # share the rows, each turned its own way
    turned = [torch.linalg.qr(torch.randn(32, 32))[0] for _ in range(2)]
    pair = turned[0] @ name + 0.5 * turned[1] @ past[0]
    earlier = turned[0] @ past[0] + turned[1] @ past[1]
    # (head, shared key and value, what is asked, what it is held against, how sharply, how
    # loud); inside a value both have an answer and the second is one token ahead, so it
    # speaks softly
    circuits = ((0, 0, pair, earlier, 2.6, 14.0), (2, 1, past[1], past[2], 2.2, 7.0))
    for (head, shared, asked, held, sharp, loud), value in zip(
        circuits, values, strict=True
    ):
        query, key = head * 64, shared * 64
        second.q_proj.weight[query : query + 64] = 0
        second.k_proj.weight[key : key + 64] = 0
        for row, dim in enumerate(dims):
            second.q_proj.weight[query + dim] = asked[row] * sharp
            second.k_proj.weight[key + dim] = held[row] * sharp
        second.v_proj.weight[key : key + 64] = value
        second.o_proj.weight[:, query : query + 64] = value.T / root * loud


@dataclass
class Batch:
    """Conversations side by side, padded at the end."""

    ids: Tensor  # (rows, length)
    places: Tensor  # (3, rows, length)
    weights: Tensor  # (rows, length)
    photos: list[int]  # the views whose tokens fill the image tokens, in order

    @classmethod
    def of(cls, talks: Sequence[Conversation], pad: int) -> "Batch":
        length = max(len(talk) for talk in talks)
        ids = torch.full((len(talks), length), pad)
        places = torch.zeros(3, len(talks), length, dtype=torch.long)
        weights = torch.zeros(len(talks), length)
        for row, talk in enumerate(talks):
            n = len(talk)
            ids[row, :n] = torch.tensor(talk.ids)
            where, _ = positions(talk.pieces, 0)
            places[:, row, :n] = torch.from_numpy(where)
            weights[row, :n] = torch.tensor(talk.weights)
        return cls(ids, places, weights, [i for talk in talks for i in talk.photos])


def _rotation(text: Any, places: Tensor) -> tuple[Tensor, Tensor]:
    angle = places[..., None].float() * text.rotary_emb.inv_freq  # (3, rows, length, 32)
    parts = angle.split(list(SECTIONS), -1)
    chosen = torch.cat([part[axis] for axis, part in enumerate(parts)], -1)
    both = torch.cat([chosen, chosen], -1)[:, None]
    return both.cos(), both.sin()


def _turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    left, right = x.chunk(2, -1)
    return x * cos + torch.cat([-right, left], -1) * sin


def hidden(
    model: Qwen2VLForConditionalGeneration,
    batch: Batch,
    features: Tensor | None,
) -> Tensor:
    """Last hidden states, (rows, length, width); `features` fill the image tokens."""
    text = model.model.language_model
    x = text.embed_tokens(batch.ids)
    if features is not None and len(features):
        x = x.clone()
        x[batch.ids == model.config.image_token_id] = features
    cos, sin = _rotation(text, batch.places)
    rows, length, _ = x.shape
    later = torch.full((length, length), -math.inf).triu(1)
    for layer in text.layers:
        attn = layer.self_attn
        y = layer.input_layernorm(x)
        q, k, v = (
            part(y).view(rows, length, -1, 64).transpose(1, 2)
            for part in (attn.q_proj, attn.k_proj, attn.v_proj)
        )
        q, k = _turn(q, cos, sin), _turn(k, cos, sin)
        k, v = (t.repeat_interleave(HEADS // SHARED, 1) for t in (k, v))
        # in three sums: torch's fused attention is slow backwards on a CPU
        near = (q.to(v.dtype) * q.shape[-1] ** -0.5) @ k.to(v.dtype).transpose(-1, -2)
        y = (near + later).softmax(-1).to(v.dtype) @ v
        x = x + attn.o_proj(y.transpose(1, 2).reshape(rows, length, -1))
        x = x + layer.mlp(layer.post_attention_layernorm(x))
    return text.norm(x)  # type: ignore[no-any-return]


def answer_loss(
    model: Qwen2VLForConditionalGeneration, batch: Batch, features: Tensor | None
) -> tuple[Tensor, float]:
    """Weighted loss on the answers, and the share of their tokens that are right."""
    states = hidden(model, batch, features)
    weights = batch.weights[:, 1:]
    asked = weights > 0
    logits = model.lm_head(states[:, :-1][asked])
    target = batch.ids[:, 1:][asked]
    each = F.cross_entropy(logits.float(), target, reduction="none")
    weight = weights[asked]
    right = (logits.argmax(1) == target).float().mean().item()
    return (each * weight).sum() / weight.sum(), right


@dataclass
class Gallery:
    """Photo tokens of many views of the training photos, from the trained tower.

    `kinds` are the true ones by label, `views` say what each looks like to the tower.
    """

    tokens: list[Tensor]  # per view (tokens, width), half precision
    views: list[View]
    kinds: list[str]

    def features(self, index: Sequence[int]) -> Tensor | None:
        if not index:
            return None
        return torch.cat([self.tokens[i] for i in index]).float()


class Talks:
    """Endless batches of new conversations, made in a thread beside the training."""

    def __init__(self, author: Author, gallery: Gallery, pad: int, seed: int) -> None:
        self.author = author
        self.gallery = gallery
        self.pad = pad
        self.rng = random.Random(seed)
        self.by_kind: dict[str, list[int]] = {}
        for i, kind in enumerate(gallery.kinds):
            self.by_kind.setdefault(kind, []).append(i)
        self.by_belief: dict[str, list[int]] = {}
        for i, view in enumerate(gallery.views):
            self.by_belief.setdefault(view.category, []).append(i)
        self.beliefs = sorted(self.by_belief)
        self.pool: list[Conversation] = []
        self.tokens = 3000  # of a batch, padding included
        self.short = 0.5  # share of conversations that are only the second turn

    def __iter__(self) -> Iterator[Batch]:
        with ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(self._batch)
            while True:
                batch = waiting.result()
                waiting = thread.submit(self._batch)
                yield batch

    def _one(self) -> Conversation:
        rng = self.rng
        count = rng.choices([0, 1, 2, 3], [0.15, 0.65, 0.14, 0.06])[0]
        if rng.random() < self.short:
            kind = rng.choice(CATEGORIES)
            unseen = [View(0, Grid(1, 1), kind)] * count
            return self.author.conversation(rng, kind, unseen, short=True)
        if not count:
            return self.author.conversation(rng, rng.choice(CATEGORIES), [])
        views = self.gallery.views
        # each kind that photos are taken for as often as any other
        first = rng.choice(self.by_belief[rng.choice(self.beliefs)])
        chosen = [views[first]]
        while len(chosen) < count:
            other = views[rng.choice(self.by_kind[self.gallery.kinds[first]])]
            # photos of one product agree on what it is, most of the time
            if other.category == chosen[0].category:
                chosen.append(other)
            elif rng.random() < 0.2:
                break
        look = rng.random() < 0.5
        return self.author.conversation(rng, self.gallery.kinds[first], chosen, look=look)

    def _batch(self) -> Batch:
        # neighbours in length waste little on padding
        self.pool += [self._one() for _ in range(32 - len(self.pool))]
        self.pool.sort(key=len)
        low = self.rng.randrange(len(self.pool))
        high = low + 1
        while (
            high < len(self.pool) and len(self.pool[high]) * (high + 1 - low) <= self.tokens
        ):
            high += 1
        chosen = self.pool[low:high]
        del self.pool[low:high]
        return Batch.of(chosen, self.pad)


def train(
    model: Qwen2VLForConditionalGeneration,
    talks: Talks,
    folder: Path,
    minutes: float,
    say: Say,
    after: Callable[[Qwen2VLForConditionalGeneration], None],
    rate: float = RATE,
) -> Qwen2VLForConditionalGeneration:
    """The language half after `minutes` of training, as its running mean.

    The tower is left alone: its tokens come from the gallery.  `after` gets the running
    mean at every report, to save a checkpoint of the whole model.
    """
    tower = copy.deepcopy(model.model.visual.state_dict())
    run = Run(_Whole(model), folder / PROGRESS, rate, 0.03, _pace)
    for whole in (run.model, run.mean):  # a run that goes on may have had another tower
        assert isinstance(whole, _Whole)
        whole.model.model.visual.load_state_dict(tower)
    source = iter(talks)
    rights: list[float] = []

    def step(progress: float) -> tuple[float, int]:
        talks.short = 0.7 if progress < 0.4 else 0.5
        batch = next(source)
        features = talks.gallery.features(batch.photos)
        with fast_sums():
            loss, right = answer_loss(model, batch, features)
        run.step(loss, progress)
        rights.append(right)
        return loss.item(), batch.ids.numel()

    def report() -> str:
        after(run.mean.model)
        recent = rights[-50:]
        return f"tokens right {100 * sum(recent) / len(recent):.1f} %"

    until(run, minutes, step, report, say, every=120)
    return run.mean.model


def words(model: Qwen2VLForConditionalGeneration, folder: Path) -> Tensor:
    """The word embeddings (tokens, width) that training starts or goes on with."""
    path = folder / PROGRESS
    if not path.exists():
        weight: Tensor = model.model.language_model.embed_tokens.weight
        return weight
    kept: dict[str, Tensor] = torch.load(path, weights_only=True)["mean"]
    return kept["model.model.language_model.embed_tokens.weight"]


def _pace(name: str) -> float:
    """What `start` set by hand learns slowly, or noise undoes it before it is of use.

    So does a fast rate of all the rest: at 2e-3 the other layers drown the copying in
    their first hundred steps, and it takes them ten minutes to find it again.
    """
    by_hand = ("layers.0.self_attn", "layers.1.self_attn", "embed_tokens")
    return 0.3 if any(part in name for part in by_hand) else 1.0


class _Whole(nn.Module):
    """The language half of the model as what is trained; its tower does not move."""

    def __init__(self, model: Qwen2VLForConditionalGeneration) -> None:
        super().__init__()
        self.model = model
        model.model.visual.requires_grad_(False)
