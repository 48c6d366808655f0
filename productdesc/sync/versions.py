"""Versions of the journal file, and states of its rows.

Statements lead a file of a former version to this one.

To change it: one more entry in `VERSIONS`, and a golden file of the former version in
`tests/data/journals`. Statements of a version that was released stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class State(NamedTuple):
    """One state of a row. `is_work`: the next run has it described.

    is_settled: a run over the source leaves it as it is, whatever has changed. is_offered:
    its draft is exported.
    """

    meaning: str
    is_work: bool = False
    is_settled: bool = False
    is_offered: bool = False


STATES: Mapping[str, State] = {
    "new": State("read, and to be described", is_work=True),
    "generated": State("described; its draft stands in the journal", is_offered=True),
    "approved": State("a person, or a rule of theirs, wants it published", is_offered=True),
    "intent": State(
        "a request to write it may have left; it is read back before any other",
        is_settled=True,
        is_offered=True,
    ),
    "written": State(
        "the shop said that it is written; it is read back next",
        is_settled=True,
        is_offered=True,
    ),
    "done": State("the shop was seen to hold it", is_offered=True),
    "drift": State(
        "a person changed the shop's text since it was read; nothing was written",
        is_offered=True,
    ),
    "refused": State("a person or the shop said no, for the reason beside it"),
    "ignored": State("a person wants no copy of it", is_settled=True),
    "dead": State("not described, for the reason beside it; `retry` tries it again"),
    "unchanged": State("the merchant has written all that was asked for"),
}
"""What each state means. docs/sync.md has how one leads to another."""

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
    (
        # `approved_digest`: of what was seen when it was last approved. `published_digest`:
        # of the product as its source will read it once what was written is there
        "ALTER TABLE rows ADD COLUMN approved_digest TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE rows ADD COLUMN published_digest TEXT NOT NULL DEFAULT ''",
        # what a rule asks of a draft, so that no text is read for it. `digest` is of all
        # that a person sees: texts, evidence and findings; lengths are in characters, of
        # a list its longest text; `confidence` is the smallest, NULL where none is known
        """CREATE TABLE facets(
            row INTEGER PRIMARY KEY,
            draft INTEGER NOT NULL,
            digest TEXT NOT NULL,
            confidence REAL,
            category TEXT NOT NULL,
            title INTEGER NOT NULL,
            bullets INTEGER NOT NULL,
            description INTEGER NOT NULL,
            seo_title INTEGER NOT NULL,
            seo_description INTEGER NOT NULL,
            alt_texts INTEGER NOT NULL,
            tags INTEGER NOT NULL
        ) STRICT""",
        """CREATE TABLE finding_codes(
            row INTEGER NOT NULL,
            code TEXT NOT NULL,
            PRIMARY KEY(row, code)
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX finding_codes_by_code ON finding_codes(code, row)",
        # `rule`: that by which many were decided at once, "" where it was one
        """CREATE TABLE decisions(
            id INTEGER PRIMARY KEY,
            row INTEGER NOT NULL,
            at TEXT NOT NULL,
            who TEXT NOT NULL,
            verb TEXT NOT NULL,
            draft INTEGER,
            digest TEXT NOT NULL,
            reason TEXT NOT NULL,
            rule TEXT NOT NULL
        ) STRICT""",
        "CREATE INDEX decisions_by_row ON decisions(row, digest)",
        # `item`: its place in a list, from 0; -1 of a field that is one text
        """CREATE TABLE text_edits(
            decision INTEGER NOT NULL,
            field TEXT NOT NULL,
            item INTEGER NOT NULL,
            model TEXT NOT NULL,
            person TEXT NOT NULL,
            PRIMARY KEY(decision, field, item)
        ) STRICT, WITHOUT ROWID""",
        *(
            f"""CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table}
                BEGIN SELECT RAISE(ABORT, '{table} are never changed'); END"""
            for table in ("decisions", "text_edits")
            for event in ("UPDATE", "DELETE")
        ),
        # who may write to a shop. `beat` is by the machine's clock since `boot`, which no
        # change of the time of day moves
        """CREATE TABLE leases(
            shop TEXT PRIMARY KEY,
            token INTEGER NOT NULL,
            holder TEXT NOT NULL,
            has_lock INTEGER NOT NULL,
            boot TEXT NOT NULL,
            beat REAL NOT NULL,
            seconds REAL NOT NULL
        ) STRICT, WITHOUT ROWID""",
        # of a product and attempt, committed before its request leaves; `ended` is "" as
        # long as nobody knows what became of it
        """CREATE TABLE writes(
            id INTEGER PRIMARY KEY,
            row INTEGER NOT NULL,
            shop TEXT NOT NULL,
            verb TEXT NOT NULL,
            token INTEGER NOT NULL,
            digest TEXT NOT NULL,
            at TEXT NOT NULL,
            boot TEXT NOT NULL,
            beat REAL NOT NULL,
            ended TEXT NOT NULL DEFAULT '',
            outcome TEXT NOT NULL DEFAULT ''
        ) STRICT""",
        "CREATE INDEX writes_by_row ON writes(row)",
        "CREATE INDEX writes_in_doubt ON writes(shop) WHERE ended = ''",
        # `before` as the shop stored it, `after` as it was sent, `stored` as the shop was
        # seen to store it, NULL until then; `undone`: the write that took it back, and its
        # negative as long as that is in doubt
        """CREATE TABLE write_edits(
            write INTEGER NOT NULL,
            number INTEGER NOT NULL,
            field TEXT NOT NULL,
            target TEXT NOT NULL,
            before TEXT NOT NULL,
            after TEXT NOT NULL,
            stored TEXT,
            undone INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY(write, number)
        ) STRICT, WITHOUT ROWID""",
        "CREATE INDEX write_edits_by_target ON write_edits(field, target)",
        "CREATE INDEX write_edits_undone ON write_edits(undone) WHERE undone <> 0",
    ),
    (
        # of a row, for the review queue (`searching/queue_order.py`). `noted`: the draft
        # whose facets are there; `wish`: the one that the next draft answers, 0 for none
        "ALTER TABLE rows ADD COLUMN noted INTEGER",
        "ALTER TABLE rows ADD COLUMN weight INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE rows ADD COLUMN is_changed INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE rows ADD COLUMN wish INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX rows_without_facets ON rows(id) WHERE draft IS NOT noted",
        # with all that most rules ask, so that the rows with their products stay unread
        """CREATE INDEX rows_in_queue ON rows(channel, language, state, is_changed,
               weight DESC, id, draft, kind, product_id)""",
        "ALTER TABLE facets ADD COLUMN heading TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE facets ADD COLUMN photo TEXT NOT NULL DEFAULT ''",
        *(
            f"ALTER TABLE facets ADD COLUMN {count} INTEGER NOT NULL DEFAULT 0"
            for count in ("removed", "warnings", "findings")
        ),
        # `batch`: the first decision of the bulk it belongs to; `undoes`: the one that it
        # takes back; the row as it was, `was_state` "" where that is not known, and as it
        # is left
        "ALTER TABLE decisions ADD COLUMN batch INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE decisions ADD COLUMN undoes INTEGER NOT NULL DEFAULT 0",
        *(
            f"ALTER TABLE decisions ADD COLUMN {name} TEXT NOT NULL DEFAULT ''"
            for name in ("was_state", "was_kind", "was_reason", "was_approved", "state")
        ),
        "ALTER TABLE decisions ADD COLUMN was_draft INTEGER",
        "ALTER TABLE decisions ADD COLUMN left_draft INTEGER",
        "CREATE INDEX decisions_by_batch ON decisions(batch) WHERE batch <> 0",
        "CREATE INDEX decisions_undone ON decisions(undoes) WHERE undoes <> 0",
        # what a person asks of the next draft. `fields` "" for all; `draft`: the one that
        # was seen, and `key` its row's then; `answer`: the draft that answers it
        """CREATE TABLE wishes(
            id INTEGER PRIMARY KEY, row INTEGER NOT NULL, decision INTEGER NOT NULL,
            fields TEXT NOT NULL, seed INTEGER NOT NULL, note TEXT NOT NULL,
            draft INTEGER NOT NULL, key TEXT NOT NULL, answer INTEGER
        ) STRICT""",
        "CREATE INDEX wishes_by_row ON wishes(row)",
    ),
)
"""Statements that lead from each version to the next; the first makes a new file."""

APPLICATION_ID = 0x70644A6C
"""In the file's head (`PRAGMA application_id`), so that no other database is taken."""
