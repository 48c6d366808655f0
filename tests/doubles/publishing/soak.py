"""A soak: rounds of decisions, publishes and undos with all faults at random, by a seed."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from doubles.publishing.small_shops import DiedError, described, publish

from productdesc import sync
from productdesc.errors import ProductDescError

COUNT = 30
STEPS = 12


class Round:
    """One shop and its journal, from nothing to nothing left in doubt."""

    def __init__(self, kind: type[Any], seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.kind = kind
        self.path = folder / f"soak-{seed}.db"
        self.edited: dict[str, str] = {}
        self.finished = 0

    def run(self) -> None:
        """Raises `AssertionError` where a promise is broken."""
        with self.kind(COUNT) as shop:
            described(self.path, shop, approve="")
            for _ in range(STEPS):
                self._decide()
                self._disturb(shop)
                self._write(shop)
                self._conserved()
            shop.dies = 0
            self._still(shop)
            publish(self.path, shop)
            self._ended(shop)

    def _decide(self) -> None:
        verbs = ("approve", "approve", "approve", "refuse", "ignore", "edit")
        with sync.Journal(self.path) as journal:
            for number in self.chance.sample(range(1, COUNT + 1), 8):
                seen = sync.look(journal, str(number))
                verb = self.chance.choice(verbs)
                if seen.state not in ("generated", "approved") or seen.description is None:
                    continue
                if (verb, seen.state) == ("approve", "approved"):
                    continue  # by a round before, which was killed
                text = f"A mug, edited {self.chance.randrange(10**6)}."
                edits = {"description": text} if verb == "edit" else None
                sync.decide(journal, seen, verb, who="soak", edits=edits)

    def _disturb(self, shop: Any) -> None:
        for _ in range(self.chance.randrange(3)):
            shop.fault(self.chance.choice(shop.faults))
        if self.chance.random() < 0.3:
            shop.dies = self.chance.randrange(1, 3)
        if self.chance.random() < 0.5:
            number = str(self.chance.randrange(1, COUNT + 1))
            text = f"<p>A person's {self.chance.randrange(10**6)}.</p>"
            shop.catch_up()  # an edit while a request is under way is not promised to stay
            shop.edit(number, text)
            self.edited[number] = text

    def _still(self, shop: Any) -> None:
        faults = shop.state.faults if hasattr(shop, "state") else shop.server.faults
        faults.clear()

    def _write(self, shop: Any) -> None:
        try:
            publish(self.path, shop)
            self._none_in_doubt()
        except (DiedError, ProductDescError):
            return  # killed, or the shop could not be reached: the next one goes on
        finally:
            shop.dies = 0

    def _conserved(self) -> None:
        with sync.Journal(self.path) as journal:
            states = sync.job_status(journal).states
        assert sum(states.values()) == COUNT, states

    def _none_in_doubt(self) -> None:
        self.finished += 1
        with sync.Journal(self.path) as journal:
            states = sync.job_status(journal).states
            assert not states["intent"] and not states["written"], states
            left = journal.database.rows("SELECT count(*) FROM writes WHERE ended = ''")
        assert left == [(0,)]

    def _ended(self, shop: Any) -> None:
        self._conserved()
        self._none_in_doubt()
        texts = shop.texts()
        for number, text in self.edited.items():
            assert text in str(texts[number]), f"the edit of {number} is lost"
        kinds = Counter(shop.audit())
        assert kinds and self.finished > 1, "nothing was published"
        assert all(kind == "change" and n == 1 for (_, kind), n in kinds.items()), kinds


def soak(kinds: Any, seed: int, seconds: float, folder: Path) -> int:
    """Rounds for so long, each by a seed of its own; how many there were."""
    began, number = time.monotonic(), 0
    while not number or time.monotonic() - began < seconds:
        kind = kinds[number % len(kinds)]
        try:
            Round(kind, seed + number, folder).run()
        except BaseException:
            print(f"soak: seed {seed + number} of {kind.name} fails")
            raise
        number += 1
    return number
