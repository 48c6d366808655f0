"""Filing: a product's category in a shop's taxonomy, and what that category asks about it.

    merchant's own category, if it is in the taxonomy
    else: a general model chooses one of all the paths, shown the nearest
          a model of a closed list of kinds is not asked; its kind is looked up
    then: a general model is asked for the category's visible attributes

Both questions go on from what was observed, so that no photo is read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any

from ..checks import Settled
from ..engines import Answer, Context, Conversation, Prompt, Request
from ..prompts import Rendered, attributes_schema
from ..records import Evidence, Facts, Finding, Product, Seen
from ..taxonomy import OTHER, UNKNOWN, Category, Taxonomy
from ..taxonomy.visible import visible_attributes
from .options import Filing, Job, schema_digest
from .parse_answer import parse_answer

NEAR = 12
"""Paths that are shown before the choice; a small model loses the thread of more."""

MOST_TOPS = 40  # shown where nothing is near; Shopify has 26, Google 21


@dataclass(frozen=True, slots=True)
class Filed:
    """One product on its way: its category, and what was asked to find it and about it."""

    product: Product
    photos: int
    facts: Facts
    kind: Settled
    context: Context
    category: Category | None = None
    evidence: Evidence | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)
    rendered: Mapping[str, Rendered] = field(default_factory=dict)
    schemas: Mapping[str, str] = field(default_factory=dict)

    def findings(self, taxonomy: Taxonomy) -> tuple[Finding, ...]:
        """A warning where there is no category."""
        if self.category:
            return ()
        message = (
            f'no category of the {taxonomy.name} taxonomy is near "{self.kind.kind}"; '
            "choose one"
        )
        return (Finding(code="category-none", field="category", message=message),)


def file(one: Filed, filing: Filing, job: Job) -> Conversation[Filed]:
    """The product with its category, and with what that category asks."""
    one = _settled(one, filing)
    if filing.is_asked and not one.category:
        one = yield from _asked(one, _choice(one, filing, job), filing)
    if filing.is_asked and (question := _question(one, job)):
        one = yield from _asked(one, question, filing)
    return one


# ---- without the model ------------------------------------------------------------------


def _settled(one: Filed, filing: Filing) -> Filed:
    """The merchant's own category; where the model is not asked, also that of its kind."""
    taxonomy, product = filing.taxonomy, one.product
    given = [("category", product.present.category)]
    given += [(k, v) for k, v in product.attributes.items() if _names_a_category(k)]
    for name, value in given:
        category = taxonomy.find(value) if value else None
        if category:
            evidence = Evidence(value=category.path, source="attribute", attribute=name)
            return replace(one, category=category, evidence=evidence)
    return one if filing.is_asked else _by_kind(one, taxonomy)


def _names_a_category(name: str) -> bool:
    return name.casefold().replace("_", " ").split()[-1:] == ["category"]


def _by_kind(one: Filed, taxonomy: Taxonomy) -> Filed:
    """The nearest to the kind, or one below it that the title names in every word."""
    title, kind = one.product.title, one.kind.kind
    near = [] if kind in (OTHER, UNKNOWN) else taxonomy.nearest(kind, 1)
    within = near[0] if near else None
    by_title = taxonomy.nearest(title, 1, within=within, whole=True)
    if by_title and by_title[0] != within:
        [category] = by_title
        evidence = Evidence(value=category.path, source="attribute", attribute="title")
        return replace(one, category=category, evidence=evidence)
    if within and one.kind.source:
        named = Evidence(value=within.path, source="attribute", attribute=one.kind.source)
        return replace(one, category=within, evidence=named)
    if within:
        return replace(one, category=within, evidence=_seen(within, one))
    spare = taxonomy.find("Uncategorized")  # Shopify has such a one, Google has not
    if spare is None:
        return one
    unseen = Evidence(value=spare.path, source="inferred")
    return replace(one, category=spare, evidence=unseen)


# ---- with the model ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Turn:
    """A question to ask; `stage` is what provenance and findings call it."""

    stage: str
    rendered: Rendered
    schema: Mapping[str, Any]
    digest: str


def _choice(one: Filed, filing: Filing, job: Job) -> _Turn:
    near = _near(one, filing.taxonomy)
    text = job.templates.observe(one.product, photos=one.photos, follows=True, near=near)
    return _Turn("category", text, filing.schema, filing.digest)


def _near(one: Filed, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Paths near what is known, the surest source first; else those at the top."""
    names = [one.product.present.category, one.product.title]
    names += [] if one.kind.kind in (OTHER, UNKNOWN) else [one.kind.kind]
    found = [taxonomy.nearest(name, NEAR) for name in names if name]
    # In turn, so that a long title leaves room for what the photo shows.
    turns = zip_longest(*found)
    paths = dict.fromkeys(c.path for turn in turns for c in turn if c)
    return tuple(paths)[:NEAR] or tuple(c.path for c in taxonomy.children())[:MOST_TOPS]


def _question(one: Filed, job: Job) -> _Turn | None:
    """What the category asks that a photo can show and nobody has said yet."""
    said = {*one.product.attributes, *job.visible}
    visible = visible_attributes(one.category, said) if one.category else {}
    if not visible or not one.photos:
        return None
    text = job.templates.observe(
        one.product, photos=one.photos, follows=True, visible=visible
    )
    schema = attributes_schema(visible, one.photos)
    return _Turn("attributes", text, schema, schema_digest(schema))


def _asked(one: Filed, turn: _Turn, filing: Filing) -> Conversation[Filed]:
    [answer] = yield [Request(Prompt("", turn.rendered.text), turn.schema, one.context)]
    return _told(one, turn, answer, filing)


def _told(one: Filed, turn: _Turn, answer: Answer, filing: Filing) -> Filed:
    after = replace(
        one,
        context=answer.context,
        answers={**one.answers, turn.stage: answer},
        rendered={**one.rendered, turn.stage: turn.rendered},
        schemas={**one.schemas, turn.stage: turn.digest},
    )
    if turn.stage == "category":
        category = _deepest(filing.taxonomy, parse_answer(answer)["category"])
        evidence = _seen(category, one) if category else None
        return replace(after, category=category, evidence=evidence)
    seen = seen_attributes(parse_answer(answer, whole=True)["attributes"])
    return replace(
        after,
        facts=one.facts.model_copy(update={"attributes": {**one.facts.attributes, **seen}}),
    )


def _deepest(taxonomy: Taxonomy, path: str) -> Category | None:
    """The category of this path; of one that was cut, the last that was said whole."""
    parts = path.removesuffix(" >").split(" > ")
    found = (taxonomy.find(" > ".join(parts[:n])) for n in range(len(parts), 0, -1))
    return next(filter(None, found), None)


def seen_attributes(told: Mapping[str, Any]) -> dict[str, Seen]:
    """An answer's attributes, without those that the model could not see."""
    found = {
        name: Seen(**value) if isinstance(value, dict) else Seen(value=value)
        for name, value in told.items()
    }
    return {name: seen for name, seen in found.items() if seen.value not in ("", UNKNOWN)}


def _seen(category: Category, one: Filed) -> Evidence:
    if one.photos and not one.kind.source:  # else the photo showed another kind, or none
        return Evidence(value=category.path, source="photo", photo=1)
    return Evidence(value=category.path, source="inferred")
