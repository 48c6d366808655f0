"""Versions of the journal file, and states of its rows.

Statements lead a file of a former version to this one.

To change it: one more entry in `VERSIONS`, and a golden file of the former version in
`tests/data/journals`. Statements of a version that was released stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class State(NamedTuple):
    """One state of a row. `is_work`: the next run has it described."""

    meaning: str
    then: tuple[str, ...]
    is_work: bool = False


STATES: Mapping[str, State] = {
    "new": State("read, and to be described", ("generated", "dead", "unchanged"), True),
    "generated": State("described; its draft stands in the journal", ("new", "unchanged")),
    "dead": State(
        "not described, for the reason beside it; `retry` tries it again",
        ("generated", "new", "unchanged"),
    ),
    "unchanged": State("the merchant has written all that was asked for", ("new",)),
}

Versions = tuple[tuple[str, ...], ...]

VERSIONS: Versions = (
    (
        # one a call; `is_whole`: it read its source to the end
        """CREATE TABLE runs(
            id INTEGER PRIMARY KEY,
            begun TEXT NOT NULL,
            last TEXT NOT NULL,
            library TEXT NOT NULL,
            channel TEXT NOT NULL,
            language TEXT NOT NULL,
            options_digest TEXT NOT NULL,
            options TEXT NOT NULL,
            note TEXT NOT NULL DEFAULT '{}',
            is_whole INTEGER NOT NULL DEFAULT 0,
            products_read INTEGER NOT NULL DEFAULT 0,
            repeated INTEGER NOT NULL DEFAULT 0,
            described INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            reused INTEGER NOT NULL DEFAULT 0,
            read_tokens INTEGER NOT NULL DEFAULT 0,
            written_tokens INTEGER NOT NULL DEFAULT 0
        ) STRICT""",
        # `kind` is the reason without what is of this product alone
        """CREATE TABLE rows(
            id INTEGER PRIMARY KEY,
            product_id TEXT NOT NULL,
            channel TEXT NOT NULL,
            language TEXT NOT NULL,
            state TEXT NOT NULL,
            product TEXT NOT NULL,
            product_digest TEXT NOT NULL,
            fields TEXT NOT NULL,
            key TEXT NOT NULL,
            draft INTEGER,
            attempts INTEGER NOT NULL DEFAULT 0,
            kind TEXT NOT NULL DEFAULT '',
            reason TEXT NOT NULL DEFAULT '',
            run INTEGER NOT NULL,
            updated TEXT NOT NULL,
            UNIQUE(product_id, channel, language)
        ) STRICT""",
        "CREATE INDEX rows_by_state ON rows(channel, language, state, id)",
        "CREATE INDEX rows_by_run ON rows(run)",
        """CREATE INDEX rows_by_kind ON rows(channel, language, state, kind)
            WHERE kind <> ''""",
        # rows that the present pass over the source has come by
        "CREATE TABLE seen(row INTEGER PRIMARY KEY) STRICT",
        """CREATE TABLE drafts(
            id INTEGER PRIMARY KEY,
            row INTEGER NOT NULL,
            key TEXT NOT NULL,
            run INTEGER NOT NULL,
            made TEXT NOT NULL,
            seconds REAL NOT NULL,
            read_tokens INTEGER NOT NULL,
            written_tokens INTEGER NOT NULL,
            description TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX drafts_by_key ON drafts(key)",
        # of a file or URL: what was seen of it, and the digest of its bytes. `version` is
        # "" until it is found to have changed since it was first seen
        """CREATE TABLE photos(
            place TEXT PRIMARY KEY,
            size INTEGER,
            modified INTEGER,
            sha256 TEXT NOT NULL DEFAULT '',
            etag TEXT NOT NULL DEFAULT '',
            last_modified TEXT NOT NULL DEFAULT '',
            version TEXT NOT NULL DEFAULT ''
        ) STRICT, WITHOUT ROWID""",
        # near-duplicates among drafts: of which draft a row was compared last, the bands of
        # its signature, and the most similar of the others
        """CREATE TABLE signatures(
            row INTEGER PRIMARY KEY,
            draft INTEGER NOT NULL,
            minhash BLOB NOT NULL
        ) STRICT""",
        """CREATE TABLE bands(
            band INTEGER NOT NULL,
            row INTEGER NOT NULL,
            PRIMARY KEY(band, row)
        ) STRICT, WITHOUT ROWID""",
        """CREATE TABLE twins(
            row INTEGER PRIMARY KEY,
            twin INTEGER NOT NULL,
            similarity REAL NOT NULL
        ) STRICT""",
        "CREATE INDEX twins_by_twin ON twins(twin)",
    ),
)
"""Statements that lead from each version to the next; the first makes a new file."""

APPLICATION_ID = 0x70644A6C
"""In the file's head (`PRAGMA application_id`), so that no other database is taken."""

PREVIEW_VERSIONS: Versions = (
    (
        """CREATE TABLE previews(
            sha256 TEXT PRIMARY KEY,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            webp BLOB NOT NULL
        ) STRICT""",
    ),
)
PREVIEW_APPLICATION_ID = 0x7064507A
