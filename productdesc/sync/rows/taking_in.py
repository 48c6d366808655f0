"""Taking in: products as rows, as they are read now; a row a language.

The row of the first language holds the product without translations, as a job in that
language alone has it. That of a further one holds its own translation too. Our own copy of
the first language, once it is published, is no news to it: it goes on with the texts that
stood there before.
"""

from __future__ import annotations

import contextlib
from typing import Any

from ...records import Product
from ..database import Database
from ..stored import (
    ALL,
    Entry,
    NotStorableError,
    Scope,
    digest,
    id_text,
    key_of,
    product_of,
    product_text,
)

TAKE_IN = """
    INSERT INTO rows(product_id, channel, language, state, product, product_digest, fields,
                     key, run, kind, reason, updated)
    VALUES(:id, :channel, :language, :state, :product, :product_digest, :fields,
           :key, :run, :kind, :reason, :now)
    ON CONFLICT(product_id, channel, language) DO UPDATE SET
        state = excluded.state, product = excluded.product,
        kind = CASE
            WHEN excluded.kind <> '' OR excluded.state <> 'new' THEN excluded.kind
            WHEN rows.state = 'new' THEN rows.kind
            WHEN rows.product_digest <> excluded.product_digest THEN 'stale: product'
            ELSE 'stale: needs' END,
        reason = excluded.reason,
        product_digest = excluded.product_digest, fields = excluded.fields,
        key = excluded.key, run = excluded.run, updated = excluded.updated
    WHERE rows.key <> excluded.key
        AND rows.state NOT IN ('intent', 'written', 'ignored')
        AND NOT (rows.state = 'done'
                 AND rows.published_digest = excluded.product_digest)
        AND NOT EXISTS(SELECT 1 FROM seen WHERE seen.row = rows.id)
"""
"""Note a product as it is read, with `values_of` it; what stands stays, and so does what
was published and is read as it was left."""
SEE = """
    INSERT OR IGNORE INTO seen(row) SELECT id FROM rows
    WHERE product_id = :id AND channel = :channel AND language = :language
"""
"""Note that the present pass has come by a row."""


def values_of(scope: Scope, entry: Entry, now: str) -> dict[str, Any]:
    """The columns of a product that is read now."""
    product, fields, versions = entry
    needed = ALL if fields is None else " ".join(sorted(fields))
    state, kind, reason = ("new", "", "") if needed else ("unchanged", "", "")
    try:
        text = product_text(product)
    except NotStorableError as e:
        text = product_text(product.model_copy(update={"photos": ()}))
        state, kind, reason = "dead", "NotStorableError", str(e)
    of_product = digest(text, *versions)
    return {
        "id": id_text(product.id),
        "channel": scope.channel,
        "language": scope.language,
        "state": state,
        "product": text,
        "product_digest": of_product,
        "fields": needed,
        "key": key_of(scope, needed, of_product),
        "run": scope.number,
        "kind": kind,
        "reason": reason,
        "now": now,
    }


def alone(product: Product) -> Product:
    """The product without what it has in further languages."""
    if not product.translations:
        return product
    return product.model_copy(update={"translations": {}})


def further(first: Product, product: Product, language: str) -> Product:
    """The product of a further language's row: one as the first has it, translated.

    product: as it is read now, with its translations.
    """
    own = product.translations.get(language)
    return first.model_copy(update={"translations": {language: own} if own else {}})


def before_ours(database: Database, scope: Scope, entry: Entry) -> Product:
    """The product as it was before our own copy in the scope's language stood in the shop.

    entry: as it is read now; that is what comes back where it holds none of ours.
    """
    with contextlib.suppress(NotStorableError):
        now = digest(product_text(entry.product), *entry.versions)
        found = database.rows(
            """SELECT product FROM rows
               WHERE product_id = ? AND channel = ? AND language = ?
               AND (state IN ('intent', 'written')
                    OR state = 'done' AND published_digest = ?)""",
            *(id_text(entry.product.id), scope.channel, scope.language, now),
        )
        if found:
            return product_of(str(found[0][0]))
    return entry.product
