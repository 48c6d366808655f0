"""Whole conversations to learn from, rendered by the library's own templates.

Products are invented; the instructions are the real templates, with their wording varied
so that editing a template does not break the model.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from productdesc.channels import CHANNELS
from productdesc.channels import Field as ChannelField
from productdesc.colours import shades
from productdesc.engines.qwen2vl.inputs.mrope import Grid, Piece
from productdesc.engines.qwen2vl.inputs.tokenizer import ChatTokenizer
from productdesc.prompts import Templates
from productdesc.records import Colour, Facts, Product, Seen
from productdesc.taxonomy import OTHER, UNKNOWN, VISIBLE

from . import catalogue, copywriter

# as the pipeline offers them
COLOURS = (*(shade.name for shade in shades()), "multicolour", UNKNOWN)

_PHRASES = {
    "You describe products for online shops, from photos and the merchant's data.": (
        "You write product copy for shops.",
        "You are a helpful assistant that describes products.",
        "You are a copywriter for an online shop.",
        "",
    ),
    "Answer with one line of JSON.": ("Answer in JSON.", "Reply with JSON only.", ""),
    "Look at the photo.": ("Look at this photo.", "What is on the photo?", ""),
    "Copy any text printed on the product.": ("Read the text on the product.", ""),
    "Choose the category:": ("Category is one of:", "Pick a category:", "Categories:"),
    "Choose the colour:": ("Colour is one of:", "Pick a colour:", "Colours:"),
    "Choose the pattern:": ("Pattern is one of:", "Pick a pattern:"),
    "Write the copy for": ("Write the product copy for", "Write for", "Describe it for"),
    "Seen:": ("On the photo:", "Facts:", "The photo shows:"),
    "Data:": ("Merchant data:", "Given:", "Attributes:"),
    "Plain sentences. Begin with what the product is.": (
        "Keep it short.",
        "Use a friendly tone. Never exaggerate.",
        "Write for young parents, warm and clear.",
        "",
    ),
}
_EXTRA = (
    "Be brief.",
    "Use short sentences.",
    "No exclamation marks.",
    "Write for busy people.",
    "Be playful but true.",
    "Mention the brand first.",
    "Our customers love detail.",
    "Keep a neutral tone.",
    "This is for our spring sale page.",
    "Think of someone who buys a gift.",
)


@dataclass
class Conversation:
    """Token ids with what to learn: `weights` is 0 where nothing is asked.

    `photos` are the indices of the views whose tokens fill the photo pieces, in order.
    """

    ids: list[int] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    photos: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class View:
    """One photo as the model may see it: its grid, and the category it looks like."""

    index: int
    grid: Grid
    category: str


def compact(value: Any) -> str:
    """JSON as the grammar writes it: one line, no spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def reword(rng: random.Random, text: str, strength: float) -> str:
    """The same instruction in other words: lines changed, left out, moved or added."""
    for phrase, others in _PHRASES.items():
        if phrase in text and rng.random() < 0.5 * strength:
            text = text.replace(phrase, rng.choice(others))
    lines = [line for line in text.splitlines() if line.strip()]
    if rng.random() < 0.3 * strength:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(_EXTRA))
    if len(lines) > 2 and rng.random() < 0.2 * strength:
        lines.append(lines.pop(rng.randrange(len(lines))))
    return "\n".join(lines)


def measured(rng: random.Random) -> tuple[Colour, ...]:
    """Colours as the library measures them: one to four, of different families."""
    if rng.random() < 0.04:
        return ()
    drawn = rng.sample(shades(), rng.choice([1, 1, 2, 2, 3, 4]))
    kept, families = [], set()
    for shade in drawn:
        if shade.family not in families:
            families.add(shade.family)
            kept.append(shade)
    cuts = sorted(rng.uniform(0.08, 1) for _ in kept)
    total = sum(cuts)
    whole = rng.uniform(0.7, 1.0)
    shares = sorted((c / total * whole for c in cuts), reverse=True)
    return tuple(
        Colour(s.name, s.hexes[0], share) for s, share in zip(kept, shares, strict=True)
    )


class Author:
    """Makes conversations; `templates` and `vocabulary` are the library's own."""

    def __init__(self, templates: Templates, vocabulary: ChatTokenizer) -> None:
        self.templates = templates
        self.vocabulary = vocabulary

    def conversation(
        self,
        rng: random.Random,
        kind: str,
        views: Sequence[View],
        *,
        short: bool = False,
        look: bool = False,
    ) -> Conversation:
        """One product of `kind` seen in `views` (none: from its data alone).

        short: only the second turn, for practice in copying, often of long names.  look:
        only the first.
        """
        talk = Conversation()
        hard = short and rng.random() < 0.4
        product = (
            catalogue.named(rng)
            if hard
            else catalogue.product(rng, kind, bare=0.15 if views else 0.0)
        )
        if not views and not (product.title or product.attributes):
            product = Product(title=catalogue.title(rng, kind))
        strength = rng.choice([0.0, 0.0, 0.5, 1.0])
        colours = [measured(rng) for _ in views]
        visible = {"colour": COLOURS, **VISIBLE}
        if rng.random() < 0.1 * strength:
            visible = {"colour": COLOURS}
        category = views[0].category if views else copywriter.spoken_kind(product) or OTHER
        seen = copywriter.observe_answer(category, product, colours, visible)
        if not short:
            self._observe(rng, talk, product, views, colours, visible, seen, strength)
        if look:
            return talk
        facts = _facts(seen)
        if rng.random() < 0.12:
            # the merchant's data names another kind than was seen: it is the one to say
            told = copywriter.spoken_kind(product) or rng.choice(catalogue.CATEGORIES)
            facts = facts.model_copy(update={"category": told})
        channel = rng.choice(list(CHANNELS.values()))
        fields = tuple(f for f in channel.fields if views or not f.photos)
        if short or rng.random() < 0.35:
            fields = _some(rng, fields, 3)
        text = self.templates.write(
            channel.template,
            product,
            facts,
            shop=channel.label,
            language="en",
            fields=fields,
            photos=len(views),
        ).text
        answer = copywriter.write_answer(product, facts, fields, len(views))
        if rng.random() < 0.06:
            text, answer = self._custom(rng, product, facts, len(views))
        self._turn(talk, "", reword(rng, text, strength), (), compact(answer), [])
        return talk

    def _observe(
        self,
        rng: random.Random,
        talk: Conversation,
        product: Product,
        views: Sequence[View],
        colours: Sequence[Sequence[Colour]],
        visible: dict[str, tuple[str, ...]],
        seen: dict[str, Any],
        strength: float,
    ) -> None:
        categories = list(catalogue.CATEGORIES)
        if rng.random() < 0.15:
            rng.shuffle(categories)
        text = self.templates.observe(
            product,
            photos=len(views),
            measured=colours,
            categories=categories,
            visible=visible,
        ).text
        whole = self.templates.system(categories=categories, visible=visible).text
        if rng.random() < 0.25 * strength:
            # a template of one's own may ask for it all in the first turn
            bare = self.templates.system().text
            text += whole.removeprefix(bare)
            whole = rng.choice(["", bare])
        system = reword(rng, whole, strength)
        self._turn(
            talk,
            system,
            reword(rng, text, strength),
            views,
            compact(seen),
            [seen["category"]],
        )

    def _custom(
        self, rng: random.Random, product: Product, facts: Facts, photos: int
    ) -> tuple[str, dict[str, Any]]:
        """A schema of a user's own, with names for what the copy has anyway."""
        names = {
            "title": ("name", "headline", "product_name", "title"),
            "description": ("text", "summary", "body", "description", "long_text"),
            "bullets": ("highlights", "features", "key_points"),
            "tags": ("keywords", "labels", "tags"),
        }
        fields: dict[str, ChannelField] = {f.name: f for f in CHANNELS["plain"].fields}
        chosen = rng.sample(list(names), rng.randrange(1, 4))
        answers = copywriter.write_answer(
            product, facts, [fields[name] for name in chosen], photos
        )
        properties: dict[str, Any] = {}
        answer: dict[str, Any] = {}
        for name in chosen:
            key = rng.choice(names[name])
            string = {"maxLength": rng.choice([80, 120, 500]), "type": "string"}
            properties[key] = string
            if isinstance(answers[name], list):
                properties[key] = {"items": string, "maxItems": 10, "type": "array"}
            answer[key] = answers[name]
        for key in ("brand", "material", "colour"):
            if rng.random() < 0.3:
                properties[key] = {"maxLength": 60, "type": "string"}
                answer[key] = product.attributes.get(key, UNKNOWN)
        schema = {"type": "object", "properties": properties, "required": list(properties)}
        text = self.templates.write(
            "custom.j2", product, facts, shop="an online shop", language="en", schema=schema
        ).text
        return text, answer

    def _turn(
        self,
        talk: Conversation,
        system: str,
        text: str,
        views: Sequence[View],
        answer: str,
        stressed: Sequence[str],
    ) -> None:
        turn = self.vocabulary.turn(system, text, [v.grid for v in views])
        if talk.ids:
            self._add(talk, self.vocabulary.encode("\n"), 0)
        talk.ids += turn.ids
        talk.weights += [0.0] * len(turn.ids)
        _join(talk.pieces, turn.pieces)
        talk.photos += [v.index for v in views]
        talk.texts += [system, text, answer]
        for part, weight in _stress(answer, stressed):
            self._add(talk, self.vocabulary.encode(part), weight)
        self._add(talk, [self.vocabulary.turn_end()[0]], 1.0)

    def _add(self, talk: Conversation, ids: Sequence[int], weight: float) -> None:
        talk.ids += ids
        talk.weights += [weight] * len(ids)
        _join(talk.pieces, (len(ids),))


def _join(pieces: list[Piece], more: Sequence[Piece]) -> None:
    for piece in more:
        if pieces and isinstance(piece, int) and isinstance(pieces[-1], int):
            pieces[-1] += piece
        else:
            pieces.append(piece)


def _stress(answer: str, stressed: Sequence[str]) -> list[tuple[str, float]]:
    """The answer as one part of weight 1, or cut so that the category weighs more."""
    for value in stressed:
        head, found, tail = answer.partition(f'"category":"{value}"')
        if found:
            return [(head + '"category":"', 1.0), (value, 6.0), ('"' + tail, 1.0)]
    return [(answer, 1.0)]


def _some(
    rng: random.Random, fields: Sequence[ChannelField], most: int
) -> tuple[ChannelField, ...]:
    chosen = rng.sample(range(len(fields)), min(len(fields), rng.randrange(1, most + 1)))
    return tuple(fields[i] for i in sorted(chosen))


def _facts(seen: dict[str, Any]) -> Facts:
    values = {
        name: Seen(**value) if isinstance(value, dict) else Seen(value=value)
        for name, value in seen["attributes"].items()
    }
    return Facts(
        category=seen["category"],
        attributes={k: v for k, v in values.items() if v.value != UNKNOWN},
        text=tuple(seen["text"]),
    )
