"""Pages of one product: photos, words and proof side by side, and what is decided there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from ..errors import ClashError
from ..records import TEXT_FIELDS
from ..render.parts import legend_html, provenance_html
from ..text.printable import message_line
from .desk import Item
from .forms import Form, number, one
from .limits import LIMITS
from .queue_pages import FIRST, whole
from .views import edits_of, field_views, other_findings, typed_texts
from .visits import Pages, Visit

Handler = Callable[[Pages, Visit, Form], Response]

REASONS = (
    "wrong-fact", "not-on-photo", "wrong-tone", "wrong-language", "too-thin", "other",
)  # fmt: skip
"""The short list of why a draft is refused; each a label `reason-NAME`."""

PREVIEW_HEADERS = {"cache-control": "private, max-age=86400, immutable"}
"""A preview is named by its digest, so that it never changes."""


def product(pages: Pages, visit: Visit) -> Response:
    """One product of the queue, with its neighbours there."""
    return _page(pages, visit, visit.desk.look(visit.asked("id")))


def _gives_back(handler: Handler) -> Handler:
    """A form that is refused shows the product again, with what a person typed."""

    @wraps(handler)
    def run(pages: Pages, visit: Visit, form: Form) -> Response:
        try:
            return handler(pages, visit, form)
        except (ClashError, ValueError) as e:
            return _again(pages, visit, form, e)

    return run


@_gives_back
def decide(pages: Pages, visit: Visit, form: Form) -> Response:
    """Approve, refuse, reopen, ignore or heed; goes on to the next product."""
    verb = one(form, "verb")
    if verb == "edit":
        raise HTTPException(400, "texts are edited by their own form")
    chosen = [pages.label(f"reason-{r}") for r in form.get("why", ()) if r in REASONS]
    typed = one(form, "reason", "").strip()
    reason = "; ".join([*chosen, *([typed] if typed else [])])
    most = LIMITS.note_chars
    if len(reason) > most:
        raise ValueError(f"the reason has {len(reason)} characters; {most} are the most")
    product_id, digest = one(form, "id"), one(form, "digest")
    _, following = _beside(visit, one(form, "where", FIRST), product_id)
    done = _decided(visit, product_id, (verb, digest, reason)) if verb == "refuse" else 0
    try:
        done = done or visit.desk.decide(
            product_id, digest, verb, who=visit.session.who, reason=reason
        )
    except ClashError:
        done = _decided(visit, product_id, (verb, digest, reason))
        if not done:
            raise
    stays = not following or verb not in ("approve", "refuse", "ignore")
    return _on(visit, form, product_id if stays else following, done, verb, product_id)


@_gives_back
def edit(pages: Pages, visit: Visit, form: Form) -> Response:
    """Store a person's texts; limits and checks warn, and the draft needs approval."""
    product_id, digest = one(form, "id"), one(form, "digest")
    item = visit.desk.look(product_id)
    if item.description is None:
        raise ClashError("there is no draft to edit any more")
    most = LIMITS.text_chars
    for name in TEXT_FIELDS:
        if any(len(text) > most for text in form.get(name, ())):
            label = pages.labels.field(name)
            raise ValueError(f"{label}: the text has more than {most} characters")
    edits = edits_of(form, item.description)
    if not edits:  # also where a button was pressed twice
        return _on(visit, form, product_id)
    done = visit.desk.decide(product_id, digest, "edit", who=visit.session.who, edits=edits)
    return _on(visit, form, product_id, done, "edit", product_id)


@_gives_back
def sentence(pages: Pages, visit: Visit, form: Form) -> Response:
    """Take one sentence out."""
    product_id = one(form, "id")
    done = visit.desk.refuse_sentence(
        product_id,
        one(form, "digest"),
        one(form, "field"),
        number(form, "place"),
        number(form, "start"),
        who=visit.session.who,
    )
    return _on(visit, form, product_id, done, "sentence", product_id)


@_gives_back
def ask(pages: Pages, visit: Visit, form: Form) -> Response:
    """Ask for another draft."""
    product_id = one(form, "id")
    seed = one(form, "seed", "").strip()
    if seed and not (seed.isascii() and seed.isdigit() and len(seed) < 10):
        raise ValueError("a seed is a whole number of at most 9 digits")
    done = visit.desk.ask_again(
        product_id,
        one(form, "digest"),
        who=visit.session.who,
        fields=form.get("field", []),
        seed=int(seed) if seed else None,
        note=one(form, "note", "").strip(),
    )
    return _on(visit, form, product_id, done, "ask", product_id)


def take_back(pages: Pages, visit: Visit, form: Form) -> Response:
    """Undo a decision, or a bulk of them."""
    is_bulk = one(form, "bulk", "") == "1"
    count = visit.desk.take_back(
        number(form, "number"), who=visit.session.who, is_bulk=is_bulk
    )
    if is_bulk:
        address = visit.address("", where=one(form, "where", FIRST), back=str(count))
        return RedirectResponse(address, 303)
    return _on(visit, form, one(form, "id"), verb="back", of=one(form, "id"))


def preview(visit: Visit) -> Response:
    """A photo's preview."""
    found = visit.desk.preview(visit.request.path_params["sha256"])
    if found is None:
        raise HTTPException(404, "there is no such photo")
    return Response(found, media_type="image/webp", headers=PREVIEW_HEADERS)


def _on(
    visit: Visit, form: Form, product_id: str, done: int = 0, verb: str = "", of: str = ""
) -> Response:
    """To a product's page, which says what was done."""
    where = one(form, "where", FIRST)
    address = visit.address(
        "product", id=product_id, where=where, done=done, verb=verb, of=of
    )
    return RedirectResponse(address, 303)


def _decided(visit: Visit, product_id: str, said: tuple[str, str, str]) -> int:
    """The number of the last decision where this person said the same: the button was
    pressed twice. said: verb, digest, reason."""
    standing = visit.desk.look(product_id).last
    for last in visit.desk.trail(product_id, max(standing - 1, 0)):
        is_same = said == (last.verb, last.digest, last.reason)
        return last.number if is_same and last.who == visit.session.who else 0
    return 0


def _again(
    pages: Pages, visit: Visit, form: Form, error: ClashError | ValueError
) -> Response:
    """The product as it is now, why nothing was stored, and what this person typed.

    Of a clash the form holds the texts that are there now; else it holds those of the
    person still.
    """
    item = visit.desk.look(one(form, "id"))
    is_clash = isinstance(error, ClashError)
    return _page(
        pages,
        visit,
        item,
        status=409 if is_clash else 400,
        where=one(form, "where", FIRST),
        why=message_line(str(error)),
        clash=is_clash,
        mine=typed_texts(form, pages.labels, item.description),
        filled={} if is_clash else form,
    )


def _page(
    pages: Pages,
    visit: Visit,
    item: Item,
    *,
    where: str | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    where = visit.asked("where", FIRST) if where is None else where
    before, following = _beside(visit, where, item.product.id)
    views = field_views(item, pages.labels)
    known: dict[str, Any] = {"clash": False, "mine": (), "why": "", "filled": {}} | more
    return pages.response(
        "product.html",
        visit,
        status=status,
        item=item,
        views=views,
        others=other_findings(item, views, pages.labels),
        made=_made(item, pages),
        legend=Markup(legend_html(pages.labels)),
        before=before,
        following=following,
        where=where,
        reasons=REASONS,
        limits=LIMITS,
        done=whole(visit.asked("done")),
        done_verb=visit.asked("verb"),
        done_of=visit.asked("of"),
        last=_last(visit, item.product.id),
        **known,
    )


def _beside(visit: Visit, where: str, product_id: str) -> tuple[str, str]:
    """The neighbours of a product; none where its filter is no rule."""
    try:
        return visit.desk.beside(where, product_id)
    except ValueError:
        return "", ""


def _made(item: Item, pages: Pages) -> Markup:
    draft = item.description
    return Markup(provenance_html(draft, pages.labels)) if draft else Markup()


def _last(visit: Visit, product_id: str) -> list[Any]:
    """The product's decisions, newest first."""
    return list(visit.desk.trail(product_id))[::-1]
