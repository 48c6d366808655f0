"""Caption: a text for one photo: alt text, a line under it, or a detailed account.

A caption is a description of which only the text for the photo is written: the same look,
checks and evidence, a template of its own (`PURPOSES`), and the rules of alt text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, cast

from ..channels import Channel, Field, find_channel
from ..engines import Engine, EngineInfo
from ..net import Http
from ..pipeline import Described, Failed, describe_many
from ..pipeline.options import resolve
from ..records import Description, Evidence, Finding, Photo, PhotoSource, Product
from ..text.printable import printable
from ..text.suggest import did_you_mean
from .alt_rules import fit_length, without_opening

__all__ = ["PURPOSES", "Caption", "caption", "captions"]

Purpose = Literal["alt", "caption", "detailed"]


class CaptionShape(NamedTuple):
    """How a caption of one purpose is written, and how long it may be, in characters.

    limit: what is cut, at a sentence. advised: what is only told (`over-advised`). A
    channel's own limits of alt text count for "alt" where it has some.
    """

    template: str
    field: Literal["alt_texts", "description"]
    limit: int
    advised: int


PURPOSES: Mapping[Purpose, CaptionShape] = {
    # Shopify's figures (help.shopify.com, add-alt-text: 512, 125 advised) where a channel
    # says nothing: the strictest that is published. Readers cut nowhere (w3c/wcag#2126).
    "alt": CaptionShape("alt_text.j2", "alt_texts", 512, 125),
    # ours: two lines under a photo of a shop's column
    "caption": CaptionShape("caption.j2", "alt_texts", 300, 160),
    # ours: what a reader of a description takes in without headings
    "detailed": CaptionShape("detailed_caption.j2", "description", 2000, 600),
}

ROOM = 2
"""Times the advised length that a model may write: a sentence that ends is better than one
that the grammar ends; what is over is told or cut afterwards."""


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption of one photo, checked; `str()` is its text.

    `evidence` and `findings` are as a description's, with places in this text. `photo`: the
    photo's name. `written_by`: "rules" where the model only looks.
    """

    text: str
    purpose: Purpose
    language: str
    channel: str
    photo: str
    evidence: tuple[Evidence, ...]
    findings: tuple[Finding, ...]
    written_by: Literal["model", "rules"]

    def __str__(self) -> str:
        return self.text


def caption(
    photo: PhotoSource | Product,
    engine: Engine,
    *,
    language: str = "en",
    purpose: Purpose = "alt",
    channel: str | Channel = "shopify",
    http: Http | None = None,
) -> Caption:
    """The caption of one photo; of a `Product` with one, whose data vouches for claims.

    purpose: "alt" (for readers who cannot see the photo), "caption" (a line under it) or
    "detailed". channel: whose limits of alt text count. http: for a photo that is a URL.

    Raises `PhotoError` where the photo cannot be read or shows nothing, `OutputError` where
    the answer is of no use, `ValueError` for no photo, several, or a wrong option.
    """
    product = photo if isinstance(photo, Product) else Product(photos=[photo])
    if len(product.photos) != 1:
        raise ValueError(
            f"{len(product.photos)} photos; a caption is of one: call captions"
        )
    [made] = captions(
        product, engine, language=language, purpose=purpose, channel=channel, http=http
    )
    if isinstance(made, Failed):
        raise made.error
    return made


def captions(
    product: Product,
    engine: Engine,
    *,
    language: str = "en",
    purpose: Purpose = "alt",
    channel: str | Channel = "shopify",
    http: Http | None = None,
) -> Iterator[Caption | Failed]:
    """A caption for each photo of a product, in order, or why there is none.

    Each photo is looked at by itself. Raises `ValueError` at once for a wrong option.
    """
    check_options(purpose=purpose, channel=channel)
    shape = _shape(purpose, find_channel(channel))
    place = _own_channel(shape, find_channel(channel))
    whole = product.model_copy(update={"photos": ()})
    each = [whole.model_copy(update={"photos": (one,)}) for one in product.photos]
    outcomes = describe_many(each, engine, channel=place, language=language, http=http)
    return _captions(outcomes, shape, purpose)


def check_options(*, purpose: str, channel: str | Channel, language: str = "en") -> None:
    """Raise `ValueError` for an option of a caption that there is not."""
    if purpose not in PURPOSES:
        hint = did_you_mean(str(purpose), PURPOSES)
        raise ValueError(f"purpose is one of {', '.join(PURPOSES)}, not {purpose!r}{hint}")
    resolve(EngineInfo("", "", ""), {"channel": channel, "language": language})


def _captions(
    outcomes: Iterator[object], shape: CaptionShape, purpose: Purpose
) -> Iterator[Caption | Failed]:
    for outcome in outcomes:
        if isinstance(outcome, Described):
            yield _caption(outcome, shape, purpose)
        else:
            yield cast("Failed", outcome)


def _shape(purpose: Purpose, channel: Channel) -> CaptionShape:
    """The shape of a purpose, with the channel's own limits of alt text."""
    shape = PURPOSES[purpose]
    own = next((f for f in channel.fields if f.name == "alt_texts"), None)
    if purpose != "alt" or own is None:
        return shape
    advised = own.advised or own.write
    return shape._replace(limit=own.limit, advised=advised)


def _own_channel(shape: CaptionShape, channel: Channel) -> Channel:
    """The channel of which nothing is asked but the caption."""
    write = ROOM * shape.advised
    # cut here at a sentence, so the channel itself must not cut at a word before
    limit = ROOM * max(shape.limit, shape.advised)
    field = Field(shape.field, limit=limit, write=write, photos=shape.field == "alt_texts")
    return Channel(channel.name, channel.label, shape.template, (field,))


def _caption(described: Described, shape: CaptionShape, purpose: Purpose) -> Caption:
    made: Description = described.description
    value = getattr(made, shape.field)
    text = value if isinstance(value, str) else value[0]
    evidence = made.evidence.get(shape.field, ())
    findings = [
        f for f in made.findings if f.field in _OF_CAPTION or f.field == shape.field
    ]
    text, evidence, told = without_opening(text, evidence, made.language)
    is_ours = made.provenance.written_by == "rules"
    if not is_ours and not any(f.code == "composed" for f in findings):
        findings += told  # what rules compose begins so; nobody has to look at it
    text, evidence, told = fit_length(text, evidence, shape.limit, shape.advised)
    findings += told
    [photo] = described.product.photos
    name = photo.name if isinstance(photo, Photo) else photo
    return Caption(
        text=text,
        purpose=purpose,
        language=made.language,
        channel=made.channel,
        photo=printable(name, "path") if isinstance(name, str | Path) else "",
        evidence=tuple(one.model_copy(update={"item": None}) for one in evidence),
        findings=tuple(findings),
        written_by=made.provenance.written_by,
    )


_OF_CAPTION: Sequence[str] = ("photos", "category", "language", "write")
"""Fields whose findings say something of a caption, beside its own."""
