"""Estimate of a job: seconds, tokens and money, from a sample that is described first.

The sample is stratified over all that waits, by number of photos and length of text. Its
drafts are kept in the journal, so that nothing of it is paid for twice.

    estimate = sync.estimate(journal, source.products(), engine, channel="shopify")
    print(estimate.seconds, estimate.money(0.15, 0.60))

How fast a full job goes is between two cases. Where every request takes its time however
many there are (a far server), it is what is under way by the time of each (Little's law).
Where the machine is busy already (a CPU), it is what the sample had. Both are told apart
by no sample, so the interval holds both.
"""

from __future__ import annotations

import math
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Unpack

from ..engines import Engine
from ..errors import JournalError
from ..pipeline.call import LanguageNeeds
from ..records import MAX_PHOTOS, Product
from ..style import NO_STYLE
from .describing.row_feed import Feed, begun
from .describing.work import RunOptions, Work
from .journal import Journal
from .previews import BYTES_EACH
from .stored import Cost, Scope

SAMPLE = 20
"""Products that are described for an estimate, if nobody asks for more."""
PHOTO_STEPS = (0, 1, 2, 4, MAX_PHOTOS)
"""A product with at most so many photos is in this stratum."""
TEXT_STEPS = (500, 1_500, 5_000, math.inf)
"""The same for the length of a product, in characters as it is stored."""
SURE = 1.96
"""Standard errors on either side of a mean."""
MARGIN = 0.15
"""By this share a machine may be slower or quicker later than it was for the sample."""
MOST = 2.0
"""The upper end of an interval is at most so many times its lower end."""


class Interval(NamedTuple):
    """From a lower end to an upper end, which is at most twice as much."""

    low: float
    high: float

    def __mul__(self, factor: object) -> Interval:
        assert isinstance(factor, int | float)
        return Interval(self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a job will take beyond its sample.

    left: products that still wait, each once whatever the languages. sampled, failed: of
    the sample. seconds, read_tokens, written_tokens: for all that wait. photos: of those,
    and preview_bytes about what their previews take on the disk. style_once, style_each:
    about how many of the tokens read are the style's, once for the job and for each
    product at most.
    """

    left: int
    sampled: int
    failed: int
    seconds: Interval
    read_tokens: Interval
    written_tokens: Interval
    photos: int
    style_once: int = 0
    style_each: int = 0

    @property
    def preview_bytes(self) -> int:
        return self.photos * BYTES_EACH

    def money(self, price_in: float, price_out: float) -> Interval:
        """What it costs, at prices per million tokens."""
        ends = zip(self.read_tokens, self.written_tokens, strict=True)
        low, high = ((r * price_in + w * price_out) / 1e6 for r, w in ends)
        return Interval(low, high)


def estimate(
    journal: Journal,
    products: Iterable[Product] | None,
    engine: Engine,
    *,
    sample: int | None = None,
    needs: LanguageNeeds | None = None,
    **options: Unpack[RunOptions],
) -> Estimate:
    """Describe a sample, and say what the rest will take.

    The source is read to its end first. sample: how many are described; None: 20, or some
    more than are under way at a time. For the other options see `run`.
    """
    work = Work(journal, engine, options)
    work.costs = {}
    number = sample or max(SAMPLE, work.batch_size * 5 // 4)
    with begun(work, products, needs) as feed:
        feed.reading.wait_whole(work.is_stopped)
        if feed.reading.error:
            raise feed.reading.error
        strata, photos = _strata(feed, journal, number)
        chosen = _allocated(strata, number)
        seconds = _described(feed, chosen)
    style = options.get("style") or NO_STYLE
    found = _estimate(work, strata, chosen, seconds, photos)
    each = style.tokens_each * len(work.options)  # they stand in the turn that writes
    return replace(found, style_once=style.tokens_once, style_each=each)


class _Stratum:
    """Products of a kind: how many there are, and a reservoir of their first rows."""

    def __init__(self) -> None:
        self.count = 0
        self.ids: list[int] = []

    def add(self, number: int, most: int, chance: random.Random) -> None:
        self.count += 1
        if len(self.ids) < most:
            self.ids.append(number)
        elif (place := chance.randrange(self.count)) < most:
            self.ids[place] = number


Kind = tuple[int, int, str]
"""Steps of photos and text, and the first of the languages that wait."""
Strata = dict[Kind, _Stratum]


def _strata(feed: Feed, journal: Journal, most: int) -> tuple[Strata, int]:
    """All that waits, by kind, in one pass; and the number of its photos."""
    strata: Strata = defaultdict(_Stratum)
    chance, photos = random.Random(0), 0
    sooner: list[str] = []
    for scope in feed.scopes.values():
        after = 0
        while found := _waiting(journal, scope, sooner, after):
            for number, pictures, length in found:
                after = int(str(number))
                shown = min(int(str(pictures)), MAX_PHOTOS)
                photos += shown
                steps = _step(PHOTO_STEPS, shown), _step(TEXT_STEPS, int(str(length)))
                strata[(*steps, scope.language)].add(after, most, chance)
        sooner.append(scope.language)
    return strata, photos


def _waiting(
    journal: Journal, scope: Scope, sooner: Sequence[str], after: int
) -> list[tuple[object, ...]]:
    """Rows that wait, but for those of a product that waits in a language before it."""
    others = ""
    if sooner:
        marks = ", ".join("?" * len(sooner))
        others = f"""AND NOT EXISTS(
            SELECT 1 FROM rows AS sooner WHERE sooner.product_id = rows.product_id
            AND sooner.channel = rows.channel AND sooner.language IN ({marks})
            AND sooner.state = 'new')"""
    return journal.database.rows(
        f"""SELECT id, json_array_length(product, '$.photos'), length(product)
            FROM rows WHERE channel = ? AND language = ? AND state = 'new' AND id > ?
            {others} ORDER BY id LIMIT 1000""",
        *(scope.channel, scope.language, after, *sooner),
    )


def _step(steps: Sequence[float], value: float) -> int:
    return next(n for n, step in enumerate(steps) if value <= step)


def _allocated(strata: Strata, number: int) -> dict[int, Kind]:
    """The rows of the sample, in a mixed order, with their kinds.

    In proportion to the sizes of the strata, one of each at least.
    """
    total = sum(one.count for one in strata.values())
    chosen: list[tuple[int, Kind]] = []
    for kind, one in strata.items():
        share = max(1, round(number * one.count / total))
        chosen += [(row, kind) for row in one.ids[:share]]
    random.Random(1).shuffle(chosen)
    return dict(chosen[: max(number, len(strata))])


def _described(feed: Feed, chosen: Mapping[int, Kind]) -> float:
    """Describe the sample, the first one alone to warm up; the seconds of the others."""
    ids = [(language, row) for row, (*_, language) in chosen.items()]
    for _ in feed.describe(feed.sample(ids[:1])):
        pass
    began = time.monotonic()
    for _ in feed.describe(feed.sample(ids[1:])):
        pass
    return time.monotonic() - began


def _estimate(
    work: Work,
    strata: Strata,
    chosen: dict[int, Kind],
    seconds: float,
    photos: int,
) -> Estimate:
    costs = {row: cost for row, cost in (work.costs or {}).items() if row in chosen}
    total = sum(one.count for one in strata.values())
    left = total - len(chosen)
    if left <= 0:
        nothing = Interval(0.0, 0.0)
        failed = len(chosen) - len(costs)
        return Estimate(0, len(chosen), failed, nothing, nothing, nothing, 0)
    if not costs:
        raise JournalError(
            f"{work.journal.path}: none of the {len(chosen)} products of the sample could "
            "be described, so nothing can be said of the rest; `status` says why"
        )
    warm = set([*chosen][1:]) & costs.keys() or costs.keys()

    def mean(of: int, rows: Iterable[int]) -> tuple[float, float]:
        """The mean over all that waits, and how far it may be off, as a share."""
        by_kind: dict[Kind, list[float]] = defaultdict(list)
        for row in rows:
            by_kind[chosen[row]].append(costs[row][of])
        counts = {kind: strata[kind].count for kind in by_kind}
        weight = sum(counts.values())
        whole = sum(
            counts[kind] * sum(values) / len(values) for kind, values in by_kind.items()
        )
        values = [value for some in by_kind.values() for value in some]
        average = sum(values) / len(values)
        spread = math.sqrt(
            sum((v - average) ** 2 for v in values) / max(len(values) - 1, 1)
        )
        error = SURE * spread / math.sqrt(len(values)) / average if average else 0.0
        return whole / weight, min(error, 0.9)

    each, error = mean(Cost._fields.index("seconds"), warm)
    measured = sum(costs[row].seconds for row in warm) / len(warm)
    heavier = each / measured if measured else 1.0
    under_way = min(work.batch_size, left)
    timed = max(len(chosen) - 1, 1)
    rates = under_way / max(each, 1e-9), timed / max(seconds, 1e-9) / heavier
    times = Interval(left / max(rates), left / min(rates) + each)
    tokens = []
    for name in ("read_tokens", "written_tokens"):
        average, off = mean(Cost._fields.index(name), costs)
        tokens.append(_wider(Interval(average, average) * left, off))
    return Estimate(
        left,
        len(chosen),
        len(chosen) - len(costs),
        _wider(times, error),
        tokens[0],
        tokens[1],
        photos * left // total,
    )


def _wider(ends: Interval, error: float) -> Interval:
    """The interval with a sample's error; its upper end at most twice its lower."""
    off = math.hypot(error, MARGIN)
    low, high = ends.low / (1 + off), ends.high * (1 + off)
    if high > MOST * low > 0:
        middle = math.sqrt(low * high)
        low = middle / math.sqrt(MOST)
        high = low * MOST
    return Interval(low, high)
