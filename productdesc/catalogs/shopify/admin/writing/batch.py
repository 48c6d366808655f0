"""Bulk operations that write descriptions, a batch of products at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from .....errors import CatalogError
from .....records import Description, Product
from ....http_outcome import Refused, Unanswered
from ....live import Unread, read_back, save_batches, settle, status_of
from ....output.guarded_writes import Planned, WriteGuard, verdicts
from ....protocol import Edit, Problem, Saved, Status
from ..api import bulk
from ..api.client import ShopifyClient
from ..api.queries import Document
from ..api.replies import refused_line
from ..api.response_shapes import WRITE_LINE, WrongShape, checked
from ..reading import fetch
from ..reading.product_node import ProductNode
from .edits import Plan, Step
from .shop_texts import ShopTexts
from .verify import changed_meanwhile, no_product, stored_otherwise, unwritten

Nodes = Mapping[str, ProductNode | None]


@dataclass(frozen=True, slots=True)
class Unreported:
    """A step of which a bulk operation that is over reported nothing."""

    reason: str


StepOutcome = Refused | Unanswered | Unreported | None
"""What an operation reported of one step; None: done."""


@dataclass(slots=True)
class Write:
    """One product to be written; `outcomes` are of its plan's steps."""

    product_id: str
    node: ProductNode
    plan: Plan
    outcomes: list[StepOutcome] = field(default_factory=list)

    @classmethod
    def of(cls, product_id: str, node: ProductNode, plan: Plan) -> Write:
        return cls(product_id, node, plan, [None] * len(plan.steps))

    @property
    def gid(self) -> str:
        return self.node.gid


@dataclass(frozen=True, slots=True)
class BulkWriter:
    """Writer of batches of pairs, each by one bulk operation of each kind of mutation.

    texts: what is written, in one language. max_bytes: of one upload; more is another
    operation. guard: is asked before anything is written.
    """

    client: ShopifyClient
    texts: ShopTexts
    apply: bool
    max_bytes: int
    guard: WriteGuard | None = None

    def write(
        self, pairs: Iterable[tuple[Product, Description]], size: int
    ) -> Iterator[Saved]:
        """What was done with each pair, or would be, in their order.

        size: how many products at a time. Raises `CatalogError` where nothing of a batch
        was done.
        """
        found = ((self._gid(product), product, ours) for product, ours in pairs)
        return save_batches(
            *(found, size, lambda one: one[0], self._plan, self._write),
            held_back=self._held_back,
        )

    def restore(
        self, edits: Iterable[tuple[str, Sequence[Edit]]], size: int
    ) -> Iterator[Saved]:
        """Give products back the raw values in `Edit.after`."""
        found = (
            (fetch.find_gid(self.client, key) or "", key, wanted) for key, wanted in edits
        )
        return save_batches(
            *(found, size, lambda one: one[0], self._plan_restoring, self._write),
            held_back=self._held_back,
        )

    def _plan_restoring(
        self, batch: list[tuple[str, str, Sequence[Edit]]]
    ) -> Iterator[Saved | Write]:
        nodes = dict(self.texts.read([gid for gid, _, _ in batch if gid]))
        for gid, key, edits in batch:
            if (node := nodes.get(gid)) is None:
                yield no_product(self.client.domain, key)
                continue
            todo = self.texts.restoring(node, edits)
            if not todo.edits:
                yield unwritten(key, todo)
            else:
                yield Write.of(key, node, todo)

    def _held_back(self, writes: list[Write]) -> list[Saved | None]:
        """What is not written after all, since the guard or a dry run holds it back."""
        planned = [
            Planned(w.product_id, w.plan.edits, w.plan.untouched, self.texts.held(w.node))
            for w in writes
        ]
        return [
            None
            if self.apply and not why
            else unwritten(write.product_id, write.plan).with_reason(why)
            for write, why in zip(writes, verdicts(self.guard, planned), strict=True)
        ]

    def _gid(self, product: Product) -> str:
        return fetch.find_gid(self.client, product.id) or ""

    def _plan(
        self, batch: list[tuple[str, Product, Description]]
    ) -> Iterator[Saved | Write]:
        nodes = dict(self.texts.read([gid for gid, _, _ in batch if gid]))
        for gid, product, description in batch:
            if (node := nodes.get(gid)) is None:
                yield no_product(self.client.domain, product.id)
                continue
            todo = self.texts.plan(node, product, description)
            is_dry = not self.apply and not self.guard
            if todo.unfit or not todo.edits or is_dry:
                yield unwritten(product.id, todo)
            else:
                yield Write.of(product.id, node, todo)

    def _write(self, writes: list[Write]) -> Iterator[Saved]:
        begun = False
        for document in self.texts.documents:
            begun = self._run(document, writes, begun)
            self._clear(writes)
        nodes = self._look(writes)
        for write in writes:
            yield self._result(write, nodes.get(write.gid))

    def _run(self, document: Document, writes: list[Write], begun: bool) -> bool:
        """One kind of mutation on every product that needs it and was not refused yet.

        begun: whether an operation of this batch has run: then nothing is raised, since
        that would lose its outcomes. Gives whether one has run by now.
        """
        part: list[tuple[Write, int]] = []
        lines: list[bytes] = []
        size = 0
        for write, number, step in _steps(document, writes):
            if earlier := next((o for o in write.outcomes if o), None):
                write.outcomes[number] = Unreported(f"not tried after: {earlier.reason}")
                continue
            line = json.dumps(step.variables).encode() + b"\n"
            if part and size + len(line) > self.max_bytes:
                begun = self._operate(document, part, lines, begun)
                part, lines, size = [], [], 0
            part.append((write, number))
            lines.append(line)
            size += len(line)
        return self._operate(document, part, lines, begun) if part else begun

    def _operate(
        self,
        document: Document,
        part: list[tuple[Write, int]],
        lines: list[bytes],
        begun: bool,
    ) -> bool:
        """One bulk operation; its outcomes are noted at the writes."""
        reported: dict[int, StepOutcome] = {}
        other: StepOutcome
        try:
            started = bulk.start_mutation(self.client, document, b"".join(lines))
        except CatalogError as e:
            if not begun:
                raise
            started = Refused(str(e))
        if isinstance(started, str):
            reported, other = self._outcomes(document, started)
        else:
            other = started
            if isinstance(started, Unanswered):
                settle(self.client.retry, self.client.clock.sleep, [started])
        for line, (write, number) in enumerate(part):
            write.outcomes[number] = reported.get(line, other)
        return True

    def _outcomes(
        self, document: Document, operation: str
    ) -> tuple[dict[int, StepOutcome], StepOutcome]:
        """What an operation reported of each line, and what holds for the others.

        Raises nothing: the operation runs, whether or not it can be polled.
        """
        reported: dict[int, StepOutcome] = {}
        try:
            result = bulk.poll(self.client, operation)
            if result is None:
                seconds = self.client.retry.bulk_seconds
                why = f"{operation} runs for more than {seconds:.0f} s"
                return reported, Unanswered(why)
            for line in bulk.result_lines(self.client, result):
                if isinstance(line, Problem):
                    continue  # the product is looked at, as after no word at all
                with suppress(WrongShape):
                    answer = checked(WRITE_LINE, line)
                    refusal = refused_line(line, document.name)
                    reported[answer["__lineNumber"]] = refusal
        except CatalogError as e:
            return reported, Unanswered(str(e))
        why = result.reason or f"{operation} ended without a word about it"
        return reported, Unreported(why)

    def _clear(self, writes: list[Write]) -> None:
        """Lift the doubt about steps that the shop is seen to have made."""
        doubt = Unanswered | Unreported
        doubtful = [w for w in writes if any(isinstance(o, doubt) for o in w.outcomes)]
        nodes = self._look(doubtful) if doubtful else {}
        for write in doubtful:
            if (node := nodes.get(write.gid)) is None:
                continue
            for number, step in enumerate(write.plan.steps):
                doubted = isinstance(write.outcomes[number], doubt)
                if doubted and not self.texts.missing(step, node):
                    write.outcomes[number] = None

    def _look(self, writes: list[Write]) -> Nodes:
        """The products as they are now; {} where that cannot be known."""
        gids = [write.gid for write in writes]
        nodes = read_back(lambda: dict(self.texts.read(gids)))
        return {} if isinstance(nodes, Unread) else nodes

    def _result(self, write: Write, node: ProductNode | None) -> Saved:
        """What is known of a product by its steps' outcomes, and what the shop holds."""
        todo = write.plan
        lost: list[Edit] = []
        reasons: dict[str, None] = {}
        statuses: set[Status] = set()
        for step, outcome in zip(todo.steps, write.outcomes, strict=True):
            gone = self.texts.missing(step, node) if node else step.edits
            status = status_of(outcome, stored=not gone if node else None)
            statuses.add(status)
            if status == "refused":
                lost += gone
            if gone and outcome:
                reasons[outcome.reason] = None
        why = "; ".join(reasons)
        there = tuple(e for e in todo.edits if e not in lost)
        if "unknown" in statuses:
            if node is None:
                there, why = todo.edits, "it could not be read back"
            return Saved(write.product_id, "unknown", there, todo.untouched, why)
        if "refused" in statuses:
            # a journal writes the rest when it has decided anew
            may_go_on = self.guard is not None or not there
            if may_go_on and any(map(changed_meanwhile, write.outcomes)):
                return unwritten(write.product_id, todo).with_reason(why)
            why = why or stored_otherwise(lost)
            return Saved(write.product_id, "refused", there, todo.untouched, why)
        return Saved(write.product_id, "written", todo.edits, todo.untouched, todo.notes)


def _steps(document: Document, writes: list[Write]) -> Iterator[tuple[Write, int, Step]]:
    for write in writes:
        for number, step in enumerate(write.plan.steps):
            if step.document is document:
                yield write, number, step
