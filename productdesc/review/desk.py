"""Desk: what the review page asks of a job. A journal's is made by the command line.

Every method may be called from any thread, and raises `JournalError` where a job cannot be
read or written: `ClashError` where a draft is not what was seen any more, `NotThereError`
where the job has no such product, photo or decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from ..records import Description, Product


class Row(Protocol):
    """One product of the queue. `removed`, `warnings`: findings by severity."""

    @property
    def product_id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def confidence(self) -> float | None: ...
    @property
    def removed(self) -> int: ...
    @property
    def warnings(self) -> int: ...
    @property
    def is_duplicate(self) -> bool: ...
    @property
    def is_changed(self) -> bool: ...
    @property
    def photo(self) -> str:
        """The digest of its first photo's preview; "" where there is none."""
        ...


class Page(Protocol):
    """A page of the queue. `after`: the key of the next page, "" where this is the last.

    `number`: of all rows that the filter holds of; `approvable`: of those that a bulk
    approval would approve.
    """

    @property
    def rows(self) -> Sequence[Row]: ...
    @property
    def after(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def approvable(self) -> int: ...


class Item(Protocol):
    """One product as it stands.

    `present`: the shop's own texts as they were read, by field. `photos`: digests of the
    previews, "" where there is none of a photo, in the order in which evidence counts them
    from 1. `twins`: ids of products with nearly the same draft. `verbs`: those that may be
    decided now. `last`: the number of its last decision, 0 where there is none. `wish`:
    what a person asked of the next draft, "" where nothing is.
    """

    @property
    def product(self) -> Product: ...
    @property
    def description(self) -> Description[Any] | None: ...
    @property
    def state(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def described_at(self) -> str: ...
    @property
    def confidence(self) -> float | None: ...
    @property
    def present(self) -> Mapping[str, str | tuple[str, ...]]: ...
    @property
    def photos(self) -> Sequence[str]: ...
    @property
    def twins(self) -> Sequence[str]: ...
    @property
    def verbs(self) -> frozenset[str]: ...
    @property
    def last(self) -> int: ...
    @property
    def wish(self) -> str: ...


class Decided(Protocol):
    """One decision of the trail.

    `batch`: 0, or the number of the bulk that it belongs to. `undoes`: 0, or the number of
    the decision that it takes back.
    """

    @property
    def number(self) -> int: ...
    @property
    def product_id(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def verb(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def batch(self) -> int: ...
    @property
    def undoes(self) -> int: ...
    @property
    def edits(self) -> Sequence[tuple[str, int, str, str]]:
        """(field, place in a list or -1, model's text, person's text)."""
        ...


class Bulk(Protocol):
    """A bulk approval: its number, for an undo, and how many rows it approved."""

    @property
    def number(self) -> int: ...
    @property
    def count(self) -> int: ...


class Desk(Protocol):
    """One job: the copy of one channel in one language."""

    @property
    def name(self) -> str:
        """Of the journal, to be shown."""
        ...

    @property
    def channel(self) -> str: ...

    @property
    def language(self) -> str: ...

    def words(self) -> Mapping[str, str]:
        """The words of a filter, and what each means."""
        ...

    def codes(self) -> Mapping[str, int]:
        """The findings that there are, and of how many drafts each is."""
        ...

    def counts(self) -> Mapping[str, int]:
        """All rows by state."""
        ...

    def page(self, where: str, after: str, most: int) -> Page:
        """The rows behind `after` that a filter holds of, what needs eyes first.

        where: a rule, or "" for all; raises `ValueError` for one that is none.
        """
        ...

    def beside(self, where: str, product_id: str) -> tuple[str, str]:
        """The ids before and after a product in the filter's order; "" at its ends."""
        ...

    def look(self, product_id: str) -> Item:
        """Raises `NotThereError`."""
        ...

    def decide(
        self,
        product_id: str,
        digest: str,
        verb: str,
        *,
        who: str,
        reason: str = "",
        edits: Mapping[str, str | Sequence[str]] | None = None,
    ) -> int:
        """The number of the decision, once it is committed.

        verb: "approve", "refuse", "edit", "reopen", "ignore", "heed". digest: of what was
        seen. Raises `ClashError`, `NotThereError`, and `ValueError` for what cannot be.
        """
        ...

    def refuse_sentence(
        self, product_id: str, digest: str, field: str, place: int, start: int, *, who: str
    ) -> int:
        """Take one sentence out, which begins at `start`; the rest stands as grammar asks.

        place: in a list, -1 of a field that is one text. Raises what `decide` raises.
        """
        ...

    def ask_again(
        self,
        product_id: str,
        digest: str,
        *,
        who: str,
        fields: Sequence[str] = (),
        seed: int | None = None,
        note: str = "",
    ) -> int:
        """Ask for another draft: of these fields (all: none named), with a note as data.

        note: at most 300 characters. Raises what `decide` raises.
        """
        ...

    def checked(
        self, product_id: str, edits: Mapping[str, str | Sequence[str]]
    ) -> Sequence[tuple[str, str, str]]:
        """What an edit would be told: (field, code, message), nothing is stored."""
        ...

    def approve_all(self, where: str, count: int, *, who: str) -> Bulk:
        """Approve all that a filter holds of; `ClashError` where that are not `count`."""
        ...

    def take_back(self, number: int, *, who: str, is_bulk: bool = False) -> int:
        """Undo a decision, or a bulk; how many rows are as they were.

        A row that somebody decided about since, or that was described or published since,
        stays. Raises `NotThereError`, `ClashError` where nothing can be taken back.
        """
        ...

    def trail(self, product_id: str = "", after: int = 0) -> Iterator[Decided]:
        """Decisions in their order, all or of one product; read as they are asked for."""
        ...

    def preview(self, sha256: str) -> bytes | None:
        """The preview of a photo of this job, as a WebP file."""
        ...
