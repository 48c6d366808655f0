"""Controls: publishers that each leave out one safeguard, so that a test can fail."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from productdesc.catalogs.output.guarded_writes import Planned
from productdesc.sync.publishing.leases import Lease
from productdesc.sync.publishing.publish import Publisher
from productdesc.sync.publishing.write_log import Ended, end, in_doubt, set_state
from productdesc.sync.publishing.writer import Writer


class WithoutReadBack(Writer):
    """Takes what is in doubt for not written, and sends it again."""

    def resolve(self) -> list[Ended]:
        ended = []
        for one in in_doubt(self.journal, self.lease):
            with self.journal.database.transaction() as connection:
                end(connection, one, "not written", self.journal.now())
                set_state(connection, one.row, "approved", self.journal.now())
            key = one.product.id
            ended.append(Ended.publish(one.row, key, "approved", one.edits, "again"))
        return ended


class WithoutIntents(Writer):
    """Notes nothing before a request leaves."""

    def commit_intents(self, todo: Sequence[tuple[int, Any, Planned]]) -> list[int]:
        return []


class WithoutFencing(Lease):
    """Never looks whether another process took over."""

    def check(self) -> None:
        return None

    def fence(self, connection: sqlite3.Connection) -> None:
        return None


class WithoutDigest(Publisher):
    """Publishes whatever stands in the journal, once something was approved."""

    def is_as_approved(self, one: Any) -> bool:
        return True
