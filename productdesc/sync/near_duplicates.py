"""Near-duplicates among drafts: copy of one product that could be another's.

MinHash signatures (Broder 1997) by numpy over shingles of three words, their bands in an
indexed table of the journal, and the exact Jaccard similarity of the candidates. Variants
of one product are left aside: their copy is meant to be alike.

It goes on where it was: only drafts that are new since are looked at.
"""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..records import Description, Product
from ..text.fold import fold
from .journal import Journal
from .searching.queue_order import weigh
from .stored import description_of, product_of

SIMILAR = 0.8
"""From this Jaccard similarity on two texts are near-duplicates."""
SHINGLE = 3  # words
FEWEST_WORDS = 8  # of a text that can be a duplicate at all
BANDS, ROWS = 20, 5
"""At 0.8 a pair meets in one of the bands with a probability of 0.9996, at 0.5 of 0.47."""
MOST_MATES = 50  # of a band that are looked at; more are of one mould
MOST_COMPARED = 10  # candidates whose texts are compared
BATCH = 256  # drafts a commit

VARIANT_ATTRIBUTES = ("item_group_id", "item group id", "parent_sku", "parent")
"""Attributes that say of which product a variant is one."""

_PRIME = np.uint64(4_294_967_311)  # the first above 2**32
_CHANCE = np.random.default_rng(20_261_129)
_FACTORS = _CHANCE.integers(1, 2**31, BANDS * ROWS, dtype=np.uint64)
_SHIFTS = _CHANCE.integers(0, 2**31, BANDS * ROWS, dtype=np.uint64)
_WORD = re.compile(r"\w+")

Signature = npt.NDArray[np.uint32]


class Draft(NamedTuple):
    """What of a draft is compared."""

    shingles: frozenset[str]
    variant_of: str


def find_near_duplicates(
    journal: Journal,
    channel: str,
    language: str,
    *,
    is_stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Compare the drafts that were not compared yet; how many these were.

    What it finds stands in the journal, and in `status`.
    """
    after = number = 0
    while not is_stopped():
        found = journal.database.rows(
            """SELECT rows.id, rows.draft, rows.product, drafts.description
               FROM rows JOIN drafts ON drafts.id = rows.draft
               LEFT JOIN signatures ON signatures.row = rows.id
               WHERE channel = ? AND language = ? AND state = 'generated' AND rows.id > ?
               AND signatures.draft IS NOT rows.draft ORDER BY rows.id LIMIT ?""",
            *(channel, language, after, BATCH),
        )
        if not found:
            break
        with journal.database.transaction() as connection:
            for row, draft, product, description in found:
                after = int(str(row))
                _compare(connection, after, int(str(draft)), draft_of(product, description))
        number += len(found)
    return number


def draft_of(product: Any, description: Any) -> Draft:
    """What is compared of a row, by its texts in the journal."""
    return Draft(
        shingles(copy_text(description_of(str(description)))),
        variant_of(product_of(str(product))),
    )


def copy_text(description: Description[Any]) -> str:
    """The running text of a description, which tells it from others."""
    parts = (description.title, description.description, *description.bullets)
    return "\n".join(parts)


def shingles(text: str) -> frozenset[str]:
    """All runs of three words of a text; none of a text of a few words."""
    words = _WORD.findall(fold(text))
    if len(words) < FEWEST_WORDS:
        return frozenset()
    runs = range(len(words) - SHINGLE + 1)
    return frozenset(" ".join(words[at : at + SHINGLE]) for at in runs)


def signature(shingles: frozenset[str]) -> Signature:
    """The MinHash signature of a text's shingles."""
    texts = (one.encode("utf-8", "surrogatepass") for one in shingles)
    hashes = np.fromiter(map(zlib.crc32, texts), np.uint64, len(shingles))
    values = (hashes[:, None] * _FACTORS + _SHIFTS) % _PRIME
    lowest: Signature = values.min(axis=0).astype(np.uint32)
    return lowest


def bands_of(signature: Signature) -> list[int]:
    """The bands of a signature, each as one number that holds its place."""
    parts = signature.reshape(BANDS, ROWS)
    # crc32 of the part and, so that few meet by chance, of the part and its place
    keys = []
    for place, part in enumerate(parts):
        data = part.tobytes()
        keys.append((zlib.crc32(data) << 31) | (zlib.crc32(data, place + 1) >> 1))
    return keys


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """The Jaccard similarity of two sets."""
    return len(one & other) / len(one | other) if one or other else 0.0


def variant_of(product: Product) -> str:
    """What the variants of one product have in common: by an attribute that says so, or
    the title without the values of attributes, such as its colour and size."""
    for name in VARIANT_ATTRIBUTES:
        if value := product.attributes.get(name):
            return f"{name}={value}"
    values = {word for text in product.attributes.values() for word in _words(text)}
    return " ".join(word for word in _words(product.title) if word not in values)


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


def _compare(connection: sqlite3.Connection, row: int, draft: int, own: Draft) -> None:
    changed = {row, *_forget(connection, row)}
    blob = b""
    if own.shingles:
        minhash = signature(own.shingles)
        blob, bands = minhash.tobytes(), bands_of(minhash)
        best = _best(connection, row, bands, own)
        if best:
            changed.add(best[0])
            for pair in ((row, *best), (best[0], row, best[1])):
                connection.execute(
                    """INSERT INTO twins(row, twin, similarity) VALUES(?,?,?)
                       ON CONFLICT(row) DO UPDATE SET twin = excluded.twin,
                           similarity = excluded.similarity
                       WHERE excluded.similarity > similarity""",
                    pair,
                )
        connection.executemany(
            "INSERT OR IGNORE INTO bands VALUES(?,?)", [(band, row) for band in bands]
        )
    connection.execute(
        "INSERT OR REPLACE INTO signatures VALUES(?,?,?)", (row, draft, blob)
    )
    weigh(connection, changed)


def _forget(connection: sqlite3.Connection, row: int) -> list[int]:
    """Take out what was kept of a former draft of this row; rows whose twin it was."""
    found = connection.execute(
        "SELECT minhash FROM signatures WHERE row = ?", (row,)
    ).fetchone()
    if not found:
        return []
    if found[0]:
        bands = bands_of(np.frombuffer(found[0], np.uint32))
        connection.executemany(
            "DELETE FROM bands WHERE band = ? AND row = ?", [(band, row) for band in bands]
        )
    others = connection.execute("SELECT row FROM twins WHERE twin = ?", (row,)).fetchall()
    connection.execute("DELETE FROM twins WHERE row = ? OR twin = ?", (row, row))
    return [other for (other,) in others]


def _best(
    connection: sqlite3.Connection, row: int, bands: Sequence[int], own: Draft
) -> tuple[int, float] | None:
    """The most similar of the row's own channel and language so far, from `SIMILAR` on."""
    mates: Counter[int] = Counter()
    for band in bands:
        mates.update(
            mate
            for (mate,) in connection.execute(
                "SELECT row FROM bands WHERE band = ? LIMIT ?", (band, MOST_MATES)
            )
        )
    best: tuple[int, float] | None = None
    for mate, _ in mates.most_common(MOST_COMPARED):
        found = connection.execute(
            """SELECT rows.product, description FROM rows
               JOIN drafts ON drafts.id = rows.draft
               JOIN rows AS own USING (channel, language)
               WHERE rows.id = ? AND own.id = ?""",
            (mate, row),
        ).fetchone()
        if not found:
            continue
        other = draft_of(*found)
        if own.variant_of and own.variant_of == other.variant_of:
            continue
        similarity = jaccard(own.shingles, other.shingles)
        if similarity >= SIMILAR and (best is None or similarity > best[1]):
            best = mate, similarity
    return best
