"""Notes of a job: each failure and finding is counted, told and filed as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...catalogs.protocol import Saved
from ...records import Finding
from ...text.printable import printable
from ..terminal import say
from .report_files import ReportFile, finding_row
from .saving import Ending, failed_ending
from .tally import BAD, Tally, photos_again

if TYPE_CHECKING:
    from ...pipeline import Outcome

SHOWN = 10
"""Findings that are shown one by one; all of them are counted."""


class Notes:
    """Notes on the products of one job, kept in its tally and its report files."""

    def __init__(
        self, tally: Tally, findings: ReportFile | None, failures: ReportFile | None
    ) -> None:
        self.tally = tally
        self._findings = findings
        self._failures = failures
        self._warnings: list[str] = []
        self._more = 0

    def passing(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The outcomes, noted as they go by: a sink may take many before it saves one."""
        from ...pipeline import Described, Failed

        for outcome in outcomes:
            if isinstance(outcome, Described):
                self._doubt(outcome.product.id, outcome.description.findings)
                self.tally.looked_again += photos_again(outcome.description)
            elif isinstance(outcome, Failed):
                self._count(failed_ending(outcome), outcome.product.id, str(outcome.error))
            yield outcome

    def saved(self, ending: Ending, saved: Saved, *, live: bool) -> None:
        """Note what became of a product; failures before its saving were noted before."""
        if ending in ("failed", "dropped"):
            return
        self._count(ending, saved.product_id, saved.reason)
        if saved.reason and live and ending not in BAD:
            self.tally.left_out += 1
            say(f"{printable(saved.product_id, 'name')}: {saved.reason}")

    def show_findings(self) -> None:
        """Show the first findings that a person should look at, unless a file has them."""
        if self._findings:
            return
        for line in self._warnings:
            say(line)
        if self._more:
            say(f"... and {self._more} more; --findings FILE writes all of them")

    def _count(self, ending: Ending, product_id: str, reason: str) -> None:
        self.tally.statuses[ending] += 1
        if ending in BAD:
            say(f"{printable(product_id, 'name')}: {reason}")
            if self._failures:
                self._failures.add((product_id, ending, reason))

    def _doubt(self, product_id: str, findings: tuple[Finding, ...]) -> None:
        self.tally.doubt(findings)
        for finding in findings:
            if self._findings:
                self._findings.add(finding_row(product_id, finding))
            if finding.severity != "warning":
                continue
            if len(self._warnings) < SHOWN:
                parts = (product_id, finding.field, finding.code)
                place = ": ".join(printable(part, "name") for part in parts if part)
                self._warnings.append(f"{place}: {finding.message}")
            else:
                self._more += 1
