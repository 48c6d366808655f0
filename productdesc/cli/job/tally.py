"""Tally: what became of the products of a job, and when too many have failed."""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...records import Description, Finding
from ...text.printable import quoted

BAD = ("collateral", "refused", "unknown", "failed")
"""What a product may have come to that makes the exit code 1."""

GOOD = ("written", "planned", "unchanged")

SHARE_FROM = 50
"""Products of which a share of failures is first taken: of few, one is a large share."""


@dataclass(slots=True)
class Tally:
    """Products of a job so far, by what became of them; `began` by `time.monotonic`.

    statuses: by `saving.Ending`. left_out: products of which something was not written.
    problems: rows or photos that could not be read. findings: by code. doubted: products
    with findings. looked_again: photos that a second look read.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    problems: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    doubted: int = 0
    looked_again: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        """Products of which all that was asked for was done."""
        return sum(self.statuses[status] for status in GOOD)

    @property
    def failed(self) -> int:
        return sum(self.statuses[status] for status in BAD)

    @property
    def ended(self) -> int:
        return self.done + self.failed

    def doubt(self, findings: Sequence[Finding]) -> None:
        """Count the findings of one product."""
        self.doubted += bool(findings)
        self.findings.update(finding.code for finding in findings)


@dataclass(frozen=True, slots=True)
class MaxFailures:
    """How many products may fail: a number of them, or a share of those that ended."""

    number: int | None = None
    percent: float | None = None

    @classmethod
    def parse(cls, text: str) -> MaxFailures:
        """`20` or `5%`."""
        if re.fullmatch(r"[0-9]{1,9}", text):
            return cls(number=int(text))
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?%", text):
            percent = float(text[:-1])
            if percent <= 100:
                return cls(percent=percent)
        raise argparse.ArgumentTypeError(
            f"{quoted(text, 'value')} is neither a number of products, such as 20, nor a "
            "share up to 100%, such as 5%"
        )

    def exceeded(self, tally: Tally, *, is_over: bool = False) -> str:
        """What was exceeded, in words; "" for nothing.

        is_over: no more will come, so that a share is what it is.
        """
        failed, ended = tally.failed, tally.ended
        if self.number is not None and failed > self.number:
            return f"{failed} products failed, more than --max-failures {self.number}"
        if self.percent is None or not (ended >= SHARE_FROM or is_over):
            return ""
        if failed * 100 > self.percent * ended:
            return (
                f"{failed} of {ended} products failed, more than "
                f"--max-failures {self.percent:g}%"
            )
        return ""


def summary(tally: Tally, total: int | None) -> str:
    """What became of the products of a job, in lines; total: how many there are.

    None: they have all ended.
    """
    order = (*GOOD, *BAD, "dropped")
    counts = ", ".join(f"{tally.statuses[s]} {s}" for s in order if tally.statuses[s])
    far = f"{so_far(tally, total)}: " if total is not None else ""
    lines = [f"{far}{counts or 'no products'}"]
    if tally.findings:
        codes = ", ".join(f"{code} {n}" for code, n in tally.findings.most_common())
        number = tally.findings.total()
        lines.append(f"{number} findings in {tally.doubted} products: {codes}")
    if tally.looked_again:
        lines.append(second_look_cost(tally.looked_again, 1))
    if tally.problems:
        lines.append(f"{tally.problems} rows or photos could not be read")
    if tally.left_out:
        lines.append(f"of {tally.left_out} products something was left out; see above")
    return "\n".join(lines)


def second_look_cost(photos: int, questions: int, of_each: str = "product") -> str:
    """What a second look cost, in words: photos that it read, questions of each thing."""
    read, asked = (
        f"{count} {what}{'' if count == 1 else 's'}"
        for count, what in ((photos, "photo"), (questions, "question"))
    )
    return f"the second look cost {read} read and {asked} a {of_each} asked once more"


def photos_again(description: Description) -> int:
    """How many photos a second look read for a description; 0 where there was none."""
    made = description.provenance
    return len(made.photos) if "second-look" in made.templates else 0


def so_far(tally: Tally, total: int) -> str:
    """How many products are done; total 0: nobody knows of how many."""
    return f"{tally.done} of {total} done" if total else f"{tally.done} done"
