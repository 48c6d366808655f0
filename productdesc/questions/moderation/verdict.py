"""Moderate: a verdict on a product's photos and texts, with every reason for it.

Four layers, each of which may be left out and then says so: the channel's rules on photos
(no model), the shop's policy (a model), words in texts, and doubt. Nothing is deleted, and
nothing passes because nobody could look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Literal

from ...channels import CHANNELS, Channel, find_channel
from ...checks.facts.doubt import CODE
from ...engines import Engine
from ...engines.protocol import check_engine
from ...errors import PhotoError
from ...net import Http
from ...photos import load
from ...photos.quality import judge
from ...pipeline.call import ProductLike, as_product
from ...records import Photo, Product, ReadText
from ...text.languages import LANGUAGES, meant_language
from .moderation_policy import ModerationPolicy
from .photo_rules import photo_findings
from .policy_questions import PolicyScore, policy_looks, policy_reasons
from .reasons import ModerationReason
from .text_policy import marketplaces, text_reasons, texts_of

__all__ = ["ModerationVerdict", "moderate"]

TextOnPhoto = Callable[[Photo], Sequence[ReadText]]
"""Reads the text on a photo, as `photos.TextReader.read` does."""


@dataclass(frozen=True, slots=True)
class ModerationVerdict:
    """What a product's photos and texts come to: "pass", "review" or "refuse".

    `reasons`: all that was found, photos first; one that says "reshoot" comes to a review.
    `scores`: what the model said of each photo and category, also where nothing came of
    it; `second_scores`: the same in a second look. `not_checked`: the layers that were
    left out, and why: a pass means no more than what was checked.
    """

    verdict: Literal["pass", "review", "refuse"]
    reasons: tuple[ModerationReason, ...] = ()
    scores: tuple[PolicyScore, ...] = ()
    second_scores: tuple[PolicyScore, ...] = ()
    not_checked: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "verdict": self.verdict,
            "reasons": [one._asdict() for one in self.reasons],
            "scores": [one._asdict() for one in self.scores],
            "second_scores": [one._asdict() for one in self.second_scores],
            "not_checked": list(self.not_checked),
        }


def moderate(
    photos: ProductLike,
    *,
    engine: Engine | None = None,
    policy: ModerationPolicy | None = None,
    channel: str | Channel | None = None,
    country: str | None = None,
    language: str = "en",
    read_text: TextOnPhoto | None = None,
    http: Http | None = None,
) -> ModerationVerdict:
    """The verdict on one photo, several of one product, or a `Product` with its texts.

    engine: asks the policy's questions; None: nobody asks. policy: what photos should not
    show; None: the one that ships. channel: whose rules hold (a channel, or a marketplace
    that the tables of words know). country: ISO 3166 code of where it is sold. language:
    of the texts. read_text: reads the words on a photo, which are then held to the text
    policy, and its places to the rules on overlays. http: for photos that are URLs.

    A photo that cannot be read or judged is a reason to review, never a pass. Raises
    `ValueError` for nothing to moderate or a wrong option, and what the engine raises.
    """
    if policy is not None and engine is None:
        raise ValueError("policy= is asked of a model: give engine=")
    if engine is not None:
        check_engine(engine)
    place = check_options(channel, language)
    product = as_product(photos)
    texts = texts_of(product)
    if not product.photos and not texts:
        raise ValueError("there is no photo and no text; give one to moderate")
    seen = _Seen(product, http)
    reasons = [*seen.reasons]
    not_checked = [*_left_out(place, product, engine, has_texts=bool(texts or read_text))]
    for number, photo in seen.usable:
        words = read_text(photo) if read_text else None
        reasons += _by_rules(photo, number, place, words)
        for one in words or ():
            texts[f"photo {number}"] = f"{texts.get(f'photo {number}', '')} {one.text}"
    scores: list[PolicyScore] = []
    again: list[PolicyScore] = []
    if engine and engine.info.writes:
        asked = policy or ModerationPolicy.shipped()
        scores, again = policy_looks(engine, seen.passed, asked)
        reasons += policy_reasons(scores, again, asked)
    reasons += text_reasons(texts, channel=place, country=country or "", language=language)
    return ModerationVerdict(
        _overall(reasons), tuple(reasons), tuple(scores), tuple(again), tuple(not_checked)
    )


def _overall(
    reasons: Sequence[ModerationReason],
) -> Literal["pass", "review", "refuse"]:
    if any(one.verdict == "refuse" for one in reasons):
        return "refuse"
    return "review" if reasons else "pass"


def check_options(channel: str | Channel | None, language: str) -> str:
    """The name of the channel, "" for none. `ValueError` for a wrong option."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} is not known{meant_language(language)}")
    if channel is None:
        return ""
    if isinstance(channel, str) and channel in marketplaces() - CHANNELS.keys():
        return channel
    return find_channel(channel).name


class _Seen:
    """The photos of a product, numbered from 1, and why some tell nothing.

    `usable`: those that can be read; `passed`: those of them that the gate lets through.
    """

    def __init__(self, product: Product, http: Http | None) -> None:
        self.usable: list[tuple[int, Photo]] = []
        self.passed: list[tuple[int, Photo]] = []
        self.reasons: list[ModerationReason] = []
        if product.photo_error:
            self._doubt("photos", "photo-unusable", product.photo_error)
        with ExitStack() as stack:
            if http is None and any(isinstance(one, str) for one in product.photos):
                http = stack.enter_context(Http())
            for number, source in enumerate(product.photos, start=1):
                self._look(number, source, http)

    def _look(self, number: int, source: Any, http: Http | None) -> None:
        where = f"photo {number}"
        try:
            photo = load(source, http=http)
        except PhotoError as e:
            self._doubt(where, "photo-unusable", str(e))
            return
        self.usable.append((number, photo))
        verdict = judge(photo)
        if verdict.refuse:
            self._doubt(where, CODE, f"what it shows cannot be told: {verdict.refuse}")
        else:
            self.passed.append((number, photo))

    def _doubt(self, where: str, code: str, message: str) -> None:
        advice = "give a photo that can be looked at"
        self.reasons.append(
            ModerationReason("doubt", code, "review", where, message, advice)
        )


def _by_rules(
    photo: Photo, number: int, channel: str, words: Sequence[ReadText] | None
) -> Iterator[ModerationReason]:
    if not channel:
        return
    boxes = [one.box for one in words or ()]
    for found in photo_findings(photo, channel, position=number, text_boxes=boxes):
        yield ModerationReason(
            layer="photo",
            code=found.code,
            verdict=found.verdict,
            where=f"photo {number}",
            message=found.message,
            advice=found.advice,
            measured=found.measured,
            limit=found.limit,
            source=found.source,
            official=found.official,
        )


def _left_out(
    channel: str, product: Product, engine: Engine | None, *, has_texts: bool
) -> Iterator[str]:
    """The layers that were not gone through, and why."""
    if product.photos and not channel:
        yield "photo rules: no channel was named"
    if product.photos and engine is None:
        yield "policy: no model was named to ask"
    elif product.photos and engine and not engine.info.writes:
        yield (
            f"policy: {engine.info.model} only looks at photos, and cannot be asked "
            "questions; use a model that writes, such as Qwen2-VL"
        )
    if not has_texts:
        yield "text policy: there is no text"
