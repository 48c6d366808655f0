"""Many descriptions into a shop through bulk operations, one verdict a product."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .....errors import CatalogError
from .....records import Description, Product
from ....http_outcome import Refused, Unanswered
from ....protocol import Edit, Saved, Status
from ..api import bulk
from ..api.client import ShopifyClient
from ..api.queries import FILE_UPDATE, PRODUCT_UPDATE, Document
from ..api.replies import user_errors
from ..reading import fetch as reading
from ..reading.product_node import ProductNode
from .edits import Plan, Rules, Step, plan
from .verify import missing, stored_otherwise


@dataclass(frozen=True, slots=True)
class Over:
    """An operation that is over, and said nothing about this line."""

    reason: str


StepVerdict = Refused | Unanswered | Over | None
"""What an operation said of one step; None: done."""


@dataclass(slots=True)
class Item:
    """One product on its way through a batch; `verdicts` are of its plan's steps."""

    product: Product
    description: Description
    gid: str
    plan: Plan | None = None
    verdicts: list[StepVerdict] = field(default_factory=list)


def save_all(
    shop: ShopifyClient,
    rules: Rules,
    pairs: Iterable[tuple[Product, Description]],
    *,
    batch: int,
    apply: bool,
    max_bytes: int = bulk.MAX_UPLOAD_BYTES,
) -> Iterator[Saved]:
    """What was done with each pair, or would be, in their order.

    batch: how many products at a time. max_bytes: of one upload. Raises `CatalogError`
    where nothing of a batch was done.
    """
    for items in _batches(shop, pairs, batch):
        found = dict(reading.by_ids(shop, [item.gid for item in items if item.gid]))
        for item in items:
            listing = found.get(item.gid)
            if listing is not None:
                item.plan = plan(listing, item.product, item.description, rules)
                item.verdicts = [None] * len(item.plan.steps)
        written = [i for i in items if apply and i.plan and i.plan.steps]
        begun = False
        for document in (PRODUCT_UPDATE, FILE_UPDATE):
            begun = _run(shop, document, written, begun, max_bytes)
            _clear(shop, rules, written)
        after = _look(shop, written)
        for item in items:
            if item.plan is None:
                why = f"{shop.domain}: there is no product {item.product.id!r}"
                yield Saved(item.product.id, "refused", reason=why)
            elif item.plan.unfit or not item.plan.edits or not apply:
                yield _unwritten(item.product.id, item.plan)
            else:
                yield _outcome(item, item.plan, after, rules)


def _batches(
    shop: ShopifyClient, pairs: Iterable[tuple[Product, Description]], size: int
) -> Iterator[list[Item]]:
    """No product twice in one: the second must see what the first wrote."""
    items: list[Item] = []
    gids: set[str] = set()
    for product, description in pairs:
        gid = reading.find_gid(shop, product.id) or ""
        if len(items) == size or (gid and gid in gids):
            yield items
            items, gids = [], set()
        items.append(Item(product, description, gid))
        gids.add(gid)
    if items:
        yield items


def _run(
    shop: ShopifyClient, document: Document, items: list[Item], begun: bool, max_bytes: int
) -> bool:
    """One kind of mutation on every product that needs it and was not refused yet.

    begun: whether an operation of this batch has run: then nothing is raised, since that
    would lose its verdicts. Gives whether one has run by now.
    """
    part: list[tuple[Item, int]] = []
    lines: list[bytes] = []
    size = 0
    for item, number, step in _steps(document, items):
        if earlier := next((v for v in item.verdicts if v), None):
            item.verdicts[number] = Over(f"not tried after: {earlier.reason}")
            continue
        line = json.dumps(step.variables).encode() + b"\n"
        if part and size + len(line) > max_bytes:
            begun = _operate(shop, document, part, lines, begun)
            part, lines, size = [], [], 0
        part.append((item, number))
        lines.append(line)
        size += len(line)
    return _operate(shop, document, part, lines, begun) if part else begun


def _steps(document: Document, items: list[Item]) -> Iterator[tuple[Item, int, Step]]:
    for item in items:
        for number, step in enumerate(item.plan.steps if item.plan else ()):
            if step.document is document:
                yield item, number, step


def _clear(shop: ShopifyClient, rules: Rules, items: list[Item]) -> None:
    """Lift the doubt about steps that the shop is seen to have made."""
    doubt = Unanswered | Over
    doubtful = {i.gid: i for i in items if any(isinstance(v, doubt) for v in i.verdicts)}
    if not doubtful:
        return
    for gid, listing in _look(shop, list(doubtful.values())).items():
        item = doubtful[gid]
        for number, step in enumerate(item.plan.steps if item.plan else ()):
            if listing is None or not isinstance(item.verdicts[number], doubt):
                continue
            if not missing(step, listing, rules):
                item.verdicts[number] = None


def _operate(
    shop: ShopifyClient,
    document: Document,
    part: list[tuple[Item, int]],
    lines: list[bytes],
    begun: bool,
) -> bool:
    """One bulk operation; its verdicts are noted at the items."""
    said: dict[int, StepVerdict] = {}
    other: StepVerdict
    try:
        started = bulk.start_mutation(shop, document, b"".join(lines))
    except CatalogError as e:
        if not begun:
            raise
        started = Refused(str(e))
    if isinstance(started, str):
        said, other = _result(shop, document, started)
    else:
        other = started
        if isinstance(started, Unanswered):
            shop.sleep(shop.patience.settle_seconds)
    for line, (item, number) in enumerate(part):
        item.verdicts[number] = said.get(line, other)
    return True


def _result(
    shop: ShopifyClient, document: Document, operation: str
) -> tuple[dict[int, StepVerdict], StepVerdict]:
    """What an operation said of each line, and what holds for the others.

    Raises nothing: the operation runs, whether or not it can be watched.
    """
    said: dict[int, StepVerdict] = {}
    try:
        ended = bulk.poll(shop, operation)
        if ended is None:
            seconds = shop.patience.bulk_seconds
            return said, Unanswered(f"{operation} runs for more than {seconds:.0f} s")
        for line in bulk.result_lines(shop, ended):
            payload = (line.get("data") or {}).get(document.name)
            why = user_errors(payload, "") or _messages(line)
            said[int(line["__lineNumber"])] = Refused(why) if why else None
    except CatalogError as e:
        return said, Unanswered(str(e))
    return said, Over(ended.reason or f"{operation} ended without a word about it")


def _messages(line: Mapping[str, object]) -> str:
    errors = line.get("errors")
    return json.dumps(errors)[:400] if errors else ""


def _look(shop: ShopifyClient, items: list[Item]) -> Mapping[str, ProductNode | None]:
    """The products as they are now; {} where that cannot be known."""
    try:
        return dict(reading.by_ids(shop, [item.gid for item in items]))
    except CatalogError:
        return {}


def _unwritten(product_id: str, made: Plan) -> Saved:
    if made.unfit:
        return Saved(product_id, "refused", (), made.kept, made.unfit)
    status: Status = "planned" if made.edits else "unchanged"
    return Saved(product_id, status, made.edits, made.kept, made.notes)


def _outcome(
    item: Item, made: Plan, after: Mapping[str, ProductNode | None], rules: Rules
) -> Saved:
    """One product's verdicts beside what the shop holds now."""
    name = item.product.id
    listing = after.get(item.gid)
    if listing is None:
        why = "it could not be read back"
        if all(isinstance(v, Refused) for v in item.verdicts):
            return Saved(name, "refused", (), made.kept, _reason(item.verdicts))
        return Saved(name, "unknown", made.edits, made.kept, why)
    lost: list[Edit] = []
    unknown: list[Edit] = []
    reasons: list[StepVerdict] = []
    for step, verdict in zip(made.steps, item.verdicts, strict=True):
        gone = missing(step, listing, rules)
        if gone and isinstance(verdict, Unanswered):
            unknown += gone
        elif gone:
            lost += gone
        if gone and verdict:
            reasons.append(verdict)
    there = tuple(e for e in made.edits if e not in lost)
    if unknown:
        return Saved(name, "unknown", there, made.kept, _reason(reasons))
    if lost:
        why = _reason(reasons) or stored_otherwise(lost)
        return Saved(name, "refused", there, made.kept, why)
    return Saved(name, "written", made.edits, made.kept, made.notes)


def _reason(verdicts: Iterable[StepVerdict]) -> str:
    return "; ".join(dict.fromkeys(v.reason for v in verdicts if v))
