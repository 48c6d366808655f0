"""Classify: a product's category in a shop's taxonomy, and what that category asks of it.

    merchant's own category, if it is in the taxonomy
    else: a general model chooses one of all the paths, shown the nearest
          a model of a closed list of kinds is not asked; its kind is looked up
    then: a general model is asked for the category's visible attributes

Both questions go on from what was observed, so that no photo is read again.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest

from ..engines import Answer, Context, Conversation, Prompt, Request
from ..prompts import Templates
from ..records import Evidence, Finding
from ..taxonomy import OTHER, UNKNOWN, Category, Taxonomy
from ..taxonomy.observe_schema import attribute_pointers, attributes_schema
from ..taxonomy.visible import visible_attributes
from .draft import Draft, Turn, schema_digest
from .observe import confidence, seen_attributes
from .options import Options
from .parse_answer import parse_answer

NEAR = 12
"""Paths that are shown before the choice; a small model loses the thread of more."""

MOST_TOPS = 40  # shown where nothing is near; Shopify has 26, Google 21

Classified = tuple[Draft, Context]


def classify(
    draft: Draft, context: Context, options: Options, templates: Templates
) -> Conversation[Classified]:
    """The draft with its category in the taxonomy, if any, and with what that asks."""
    taxonomy = options.taxonomy
    if taxonomy is None:
        return draft, context
    category, evidence = _stated(draft, taxonomy)
    is_asked = not options.engine.categories  # a model of its own kinds knows no paths
    if category is None and not is_asked:
        category, evidence = _by_kind(draft, taxonomy)
    elif category is None:
        draft, answer = yield from _ask_category(draft, context, options, templates)
        context, said = answer.context, parse_answer(draft.turn("category"))["category"]
        category = _deepest(taxonomy, said)
        if category:
            evidence = _seen(category, draft, confidence(answer, "/category"))
    if category is None:
        return _without_category(draft, taxonomy), context
    draft = replace(
        draft,
        category=category.path,
        category_id=category.id,
        category_evidence=evidence,
    )
    if is_asked:
        return (yield from _ask_attributes(draft, context, category, options, templates))
    return draft, context


def _without_category(draft: Draft, taxonomy: Taxonomy) -> Draft:
    message = (
        f'no category of the {taxonomy.name} taxonomy is near "{draft.kind.kind}"; '
        "choose one"
    )
    warning = Finding(code="category-none", field="category", message=message)
    return replace(draft, findings=(*draft.findings, warning))


# ---- without the model ------------------------------------------------------------------

Placed = tuple[Category | None, Evidence | None]


def _stated(draft: Draft, taxonomy: Taxonomy) -> Placed:
    """The merchant's own category, where the taxonomy has it."""
    product = draft.product
    given = [("category", product.present.category)]
    given += [(k, v) for k, v in product.attributes.items() if _names_a_category(k)]
    for name, value in given:
        category = taxonomy.find(value) if value else None
        if category:
            evidence = Evidence(value=category.path, source="attribute", attribute=name)
            return category, evidence
    return None, None


def _names_a_category(name: str) -> bool:
    return name.casefold().replace("_", " ").split()[-1:] == ["category"]


def _by_kind(draft: Draft, taxonomy: Taxonomy) -> Placed:
    """The nearest to the kind, or one below it that the title names in every word."""
    title, kind = draft.product.title, draft.kind.kind
    near = [] if kind in (OTHER, UNKNOWN) else taxonomy.nearest(kind, 1)
    within = near[0] if near else None
    by_title = taxonomy.nearest(title, 1, within=within, whole=True)
    if by_title and by_title[0] != within:
        [category] = by_title
        named = Evidence(value=category.path, source="attribute", attribute="title")
        return category, named
    if within and draft.kind.source:
        source = draft.kind.source
        return within, Evidence(value=within.path, source="attribute", attribute=source)
    if within:
        return within, _seen(within, draft, draft.facts.confidence)
    spare = taxonomy.find("Uncategorized")  # Shopify has such a one, Google has not
    return spare, Evidence(value=spare.path, source="inferred") if spare else None


# ---- with the model ---------------------------------------------------------------------


def _ask_category(
    draft: Draft, context: Context, options: Options, templates: Templates
) -> Conversation[tuple[Draft, Answer]]:
    assert options.taxonomy is not None
    asked = templates.observe(
        draft.product,
        photos=len(draft.photos),
        follows=True,
        near=_near(draft, options.taxonomy),
    )
    prompt, schema = Prompt("", asked.text), options.category_schema
    [answer] = yield [Request(prompt, schema, context, scored=("/category",))]
    turn = Turn.of("category", asked, options.category_schema_digest, answer)
    return draft.after(turn), answer


def _near(draft: Draft, taxonomy: Taxonomy) -> tuple[str, ...]:
    """Paths near what is known, the surest source first; else those at the top."""
    names = [draft.product.present.category, draft.product.title]
    names += [] if draft.kind.kind in (OTHER, UNKNOWN) else [draft.kind.kind]
    nearest = [taxonomy.nearest(name, NEAR) for name in names if name]
    # In turn, so that a long title leaves room for what the photo shows.
    in_turn = zip_longest(*nearest)
    paths = dict.fromkeys(c.path for turn in in_turn for c in turn if c)
    return tuple(paths)[:NEAR] or tuple(c.path for c in taxonomy.children())[:MOST_TOPS]


def _ask_attributes(
    draft: Draft,
    context: Context,
    category: Category,
    options: Options,
    templates: Templates,
) -> Conversation[Classified]:
    """What the category asks that a photo can show and nobody has said yet."""
    photos = len(draft.photos)
    known = {*draft.product.attributes, *options.visible}
    visible = visible_attributes(category, known)
    if not visible or not photos:
        return draft, context
    asked = templates.observe(draft.product, photos=photos, follows=True, visible=visible)
    schema = attributes_schema(visible, photos)
    scored = tuple(attribute_pointers(visible, photos).values())
    prompt = Prompt("", asked.text)
    [answer] = yield [Request(prompt, schema, context, scored=scored)]
    turn = Turn.of("attributes", asked, schema_digest(schema), answer)
    values = parse_answer(turn, whole=True)["attributes"]
    seen = seen_attributes(values, answer, photos)
    attributes = {**draft.facts.attributes, **seen}
    facts = draft.facts.model_copy(update={"attributes": attributes})
    return replace(draft, facts=facts).after(turn), answer.context


def _deepest(taxonomy: Taxonomy, path: str) -> Category | None:
    """The category of this path; of one that was cut, the last that was said whole."""
    parts = path.removesuffix(" >").split(" > ")
    prefixes = (taxonomy.find(" > ".join(parts[:n])) for n in range(len(parts), 0, -1))
    return next(filter(None, prefixes), None)


def _seen(category: Category, draft: Draft, sure: float | None) -> Evidence:
    if draft.photos and not draft.kind.source:  # else the photo showed another, or none
        return Evidence(value=category.path, source="photo", photo=1, confidence=sure)
    return Evidence(value=category.path, source="inferred", confidence=sure)
