"""Merge policy of sinks: fill what is empty, replace only what `overwrite` names.

Pure. A sink gives what the shop holds now and gets back what to write, in plain values;
how a shop stores them is the sink's business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ..records import (
    COPY_FIELDS,
    MAX_PHOTOS,
    WORDLESS,
    Description,
    Present,
    Product,
)
from ..text.blank import is_blank
from ..text.suggest import did_you_mean
from ..words.attribute_key import attribute_key
from ..words.writing.local_values import local_value

FIELDS = COPY_FIELDS
"""Every field of a description that a catalogue may hold."""


class Current(NamedTuple):
    """The copy that a catalogue holds of one product now, in plain text.

    `attributes` has only what the catalogue stores as attributes of its own.
    """

    title: str = ""
    category: str = ""
    attributes: Mapping[str, str] = MappingProxyType({})
    bullets: tuple[str, ...] = ()
    description: str = ""
    seo_title: str = ""
    seo_description: str = ""
    alt_texts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, product: Product) -> Current:
        """The copy of a product as its source read it."""
        present: Present = product.present
        return cls(
            title=product.title,
            category=present.category,
            attributes=dict(product.attributes),
            bullets=present.bullets,
            description=product.description,
            seo_title=present.seo_title,
            seo_description=present.seo_description,
            alt_texts=present.alt_texts,
            tags=present.tags,
        )

    def updated(self, new: Mapping[str, Any]) -> Current:
        """What the catalogue holds once `new` (of a `Decision`) is written."""
        attributes = {**self.attributes, **new.get("attributes", {})}
        # a stand-in is no copy, and goes into no other file
        held = {
            "description": "" if self.description == WORDLESS else self.description,
            "bullets": tuple(one for one in self.bullets if one != WORDLESS),
        }
        return self._replace(**{**held, **new, "attributes": attributes})


class Decision(NamedTuple):
    """What to write of a description: the whole new value of each field that changes.

    In `new`, `alt_texts` has one text for every photo (the merchant's too), `tags` the
    merchant's and then ours, `attributes` only the keys that change. `untouched` are fields
    where the merchant's own words stay and ours differ.
    """

    new: Mapping[str, str | tuple[str, ...] | Mapping[str, str]]
    untouched: tuple[str, ...]

    def text(self, name: str) -> str | None:
        """The new value of a field that is one text; None: not to be written."""
        value = self.new.get(name)
        return value if isinstance(value, str) else None

    def texts(self, name: str) -> tuple[str, ...] | None:
        """The new value of a field that is a list; None: not to be written."""
        value = self.new.get(name)
        return value if isinstance(value, tuple) else None

    def attributes(self) -> Mapping[str, str]:
        """The attributes to write; empty: none."""
        value = self.new.get("attributes")
        return value if isinstance(value, Mapping) else {}


def check_overwrite(overwrite: Collection[str], writes: Sequence[str]) -> frozenset[str]:
    """The fields that may be replaced; `ValueError` for one that the sink never writes."""
    if isinstance(overwrite, str):
        raise ValueError(f"overwrite is a list of fields, not the text {overwrite!r}")
    for name in overwrite:
        if name not in writes:
            hint = did_you_mean(name, writes)
            raise ValueError(
                f"overwrite names {name!r}, which is never written here; "
                f"fields are: {', '.join(writes)}{hint}"
            )
    return frozenset(overwrite)


def decide(
    current: Current,
    description: Description | Current,
    *,
    writes: Sequence[str],
    overwrite: Collection[str] = (),
    photos: int | None = None,
) -> Decision:
    """The merge of a description into `current`, what the catalogue holds.

    writes: the fields that this catalogue can store. photos: how many alt texts it has
    room for (None: as many as it holds, or as the description has). A description's empty
    field never blanks anything. Tags are only ever added to; naming them in `overwrite`
    lets them be added beside the merchant's own.
    """
    new: dict[str, str | tuple[str, ...] | Mapping[str, str]] = {}
    kept: list[str] = []
    for name in writes:
        ours = getattr(description, name)
        if not ours:
            continue
        may = name in overwrite
        theirs = getattr(current, name)
        value: str | tuple[str, ...] | Mapping[str, str] | None
        match name:
            case "alt_texts":
                room = max(len(theirs), len(ours)) if photos is None else photos
                value, stays = _alts(theirs, ours, room, may)
            case "tags":
                merged = _merged(theirs, ours)
                value, stays = (merged, False) if may or not theirs else (theirs, True)
                stays = stays and merged != theirs
            case "attributes":
                language = getattr(description, "language", "")
                value, stays = _attributes(theirs, ours, may, language)
            case _:
                value, stays = (
                    (ours, False) if may or not _stated(theirs) else (theirs, True)
                )
                stays = stays and ours != theirs
        if stays:
            kept.append(name)
        if name == "attributes":
            if value:
                new[name] = value
        elif value != theirs and value:
            new[name] = value
    return Decision(new, tuple(kept))


def missing_fields(
    current: Current,
    *,
    writes: Collection[str],
    overwrite: Collection[str] = (),
    photos: int = 0,
) -> frozenset[str]:
    """The fields that `decide` would write, whatever a description says.

    Those of `writes` that are empty, and those that `overwrite` names. Attributes are empty
    where the product has none at all, as nobody knows which ones a photo shows. photos: how
    many the product has; alt texts are of the first `MAX_PHOTOS`, which a model is shown.
    """
    alts = (current.alt_texts + ("",) * photos)[: min(photos, MAX_PHOTOS)]
    is_filled = {
        "alt_texts": not any(map(is_blank, alts)),
        "tags": bool(current.tags),
        "attributes": not all(map(is_blank, current.attributes.values())),
    }
    return frozenset(
        name
        for name in writes
        if (name in overwrite and (photos or name != "alt_texts"))
        or not is_filled.get(name, _stated(getattr(current, name)))
    )


def _stated(value: str | tuple[str, ...]) -> bool:
    """Whether the merchant wrote anything that a reader sees."""
    return not all(map(is_blank, (value,) if isinstance(value, str) else value))


def _alts(
    theirs: tuple[str, ...], ours: tuple[str, ...], room: int, may: bool
) -> tuple[tuple[str, ...], bool]:
    """One text a photo: ours where theirs is empty or may go."""
    theirs = (theirs + ("",) * room)[:room]
    ours = (ours + ("",) * room)[:room]
    both = tuple(
        b if b and (may or is_blank(a)) else a for a, b in zip(theirs, ours, strict=True)
    )
    stays = any(
        b and a == c != b and not is_blank(a)
        for a, b, c in zip(theirs, ours, both, strict=True)
    )
    return both if any(both) else (), stays


def _merged(theirs: tuple[str, ...], ours: tuple[str, ...]) -> tuple[str, ...]:
    """Theirs as they stand, then ours that are not among them in any letter case."""
    known = {tag.strip().casefold() for tag in theirs}
    return theirs + tuple(tag for tag in ours if tag.strip().casefold() not in known)


def _attributes(
    theirs: Mapping[str, str], ours: Mapping[str, str], may: bool, language: str
) -> tuple[dict[str, str], bool]:
    """The keys that change, and whether one of theirs stays where ours differs.

    A key of ours that is one of theirs in another spelling or language is theirs, and so
    is a value of theirs that a description says in its own language.
    """
    names: dict[str, str] = {}
    for key, value in theirs.items():
        if value.strip() or attribute_key(key) not in names:
            names[attribute_key(key)] = key
    new: dict[str, str] = {}
    stays = False
    for key, value in ours.items():
        name = key if key in theirs else names.get(attribute_key(key), key)
        present = theirs.get(name, "")
        if not value or value in (present, local_value(name, present, language)):
            continue
        if may or is_blank(present):
            new[name] = value
        else:
            stays = True
    return new, stays
