"""`--where`: what a rule finds, what is refused, and that no word of it becomes SQL."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.jobs.small_jobs import SHORT, CountingEngine, product, products, run
from doubles.publishing.small_shops import description
from hypothesis import given
from hypothesis import strategies as st

from productdesc import sync
from productdesc.records import Evidence, Finding
from productdesc.sync.deciding.matching import count_rows, matching_rows
from productdesc.sync.searching.where_grammar import MOST_TERMS, parse_where
from productdesc.sync.searching.where_terms import CODES, COMPARISONS, NUMBERS, TERMS
from productdesc.sync.stored import Cost, Entry, Scope

SCOPE = ("shopify", "en")


def seen(confidence: float | None) -> dict[str, Any]:
    one = Evidence(value="red", source="photo", photo=1, name="colour", status="vouched")
    sure = one.model_copy(update={"confidence": 0.99})
    unsure = one.model_copy(update={"confidence": confidence})
    return {"evidence": {"attributes": (sure, unsure) if confidence else (one,)}}


def finding(code: str) -> dict[str, Any]:
    return {"findings": (Finding(code=code, field="title", message="look at it"),)}


ROWS: dict[str, dict[str, Any]] = {
    "p0": {"title": "A red mug", **seen(0.95)},
    "p1": {"title": "A blue mug of stoneware", **seen(0.5)},
    "p2": {"title": "Mug", "category": "Home > Mugs", **finding("price")},
    "p3": {"title": "Mug", "category": "Home > 100% wool", **seen(None)},
    "p4": {"bullets": ("short", "a longer one of them"), **finding("wrong-language")},
}


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sync.Journal]:
    path = tmp_path_factory.mktemp("where") / "job.db"
    with sync.Journal(path) as made:
        scope = made.begin(Scope(*SCOPE, 0, "options"), {"settings": "1"})
        made.take_in([(scope, [Entry(product(n)) for n in range(7)])])
        for row in made.waiting(scope):
            if values := ROWS.get(row.product.id):
                made.described(
                    scope, row, description(row.product, SCOPE, **values), Cost()
                )
            elif row.product.id == "p5":
                made.failed(scope, row, "PhotoError", "PhotoError: it is torn")
        with made.database.transaction() as connection:
            connection.execute("INSERT INTO twins VALUES(2, 1, 0.9)")
        sync.decide(made, sync.look(made, "p3"), "approve")
        yield made


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("state:generated", "0124"),
        ("STATE:Approved", "3"),
        ("finding", "24"),
        ("finding:price", "2"),
        ("not finding", "01356"),
        ("not finding and state:generated", "01"),
        ("kind:PhotoError", "5"),
        ("kind:photo", "5"),
        ("confidence >= 0.9", "0"),
        ("confidence>=0.5", "01"),
        ("confidence < 0.9", "1"),
        ("not confidence >= 0.9", "123456"),
        ("not finding and confidence >= 0.9", "0"),
        ("title:length > 20", "1"),
        ("title:length = 3", "23"),
        ("bullets:length >= 20", "4"),
        ("category:mugs", "2"),
        ('category:"home > 100% wool"', "3"),
        ("category:%", "3"),
        ("category:_", ""),
        ("channel:shopify", "0123456"),
        ("channel:google", ""),
        ("language:en and product:p1", "1"),
        ("duplicate", "1"),
        ("changed", ""),
        ("finding:price or finding:wrong-language and not duplicate", "24"),
        ("(finding:price or duplicate) and not (state:dead or finding)", "1"),
        ("not not duplicate", "1"),
        ('product:"\' OR 1=1 --"', ""),
        ("category:\"x' OR '1'='1\"", ""),
    ],
)
def test_a_rule_finds_its_rows(rule: str, found: str, journal: sync.Journal) -> None:
    where = parse_where(rule)
    matches = matching_rows(journal, SCOPE, where)
    assert "".join(one.product_id[1:] for one in matches) == found
    assert count_rows(journal, SCOPE, where) == len(found)
    assert [*matching_rows(journal, SCOPE, where, most=1)] == matches[:1]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("", "empty"),
        ("findings", "did you mean 'finding'"),
        ("stat:new", "did you mean 'state'"),
        ("state:aproved", "did you mean 'approved'"),
        ("finding:prise", "did you mean 'price'"),
        ("titel:length > 3", "did you mean 'title'"),
        ("title:lenght > 3", "did you mean 'title:length'"),
        ("confidence", "compared with a number"),
        ("confidence >= x", "is no number"),
        ("confidence >=", "ends where a number"),
        ("confidence >= -1", "is no number"),
        ("finding > 3", "is not compared"),
        ("changed:yes", "takes no value"),
        ("state", "needs a value"),
        ("state:", "has no value"),
        ("state:new state:new", "and, or, or the end"),
        ("state:new and", "ends where"),
        ("and finding", "stands between two terms"),
        ("(finding", "not closed"),
        ("finding)", "and, or, or the end"),
        ('category:"open', "quotation mark is not closed"),
        ("finding; DROP TABLE rows", "no word of it"),
        ("1=1", "no word of it"),
        ("(" * 100 + "finding" + ")" * 100, "within one another"),
        (" or ".join(["finding"] * (MOST_TERMS + 1)), "more than"),
        ("x" * 5_000, "characters"),
    ],
)
def test_what_is_no_rule_is_refused_with_the_nearest_word(rule: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_where(rule)


# --- Fuzzed ------------------------------------------------------------------------------

WORDS = [
    *TERMS, *NUMBERS, *COMPARISONS, *sorted(CODES)[:5], "and", "or", "not", "(", ")", ":",
    '"', "0.9", "60", "'", ";", "--", "/*", "DROP TABLE rows", "\0", "\ud800", "NULL",
    "1=1", "rows.id", "state:new", "finding:price", "category:\"a'b\"", "é", "%", "\\",
]  # fmt: skip
RULES = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=10).map("".join),
)
PIECES = re.compile(
    "|".join(
        sorted(
            (
                re.escape(piece)
                for piece in (
                    *(term.sql for term in TERMS.values() if term.sql),
                    *(term.without for term in TERMS.values() if term.without),
                    *(f"coalesce({column} {sign} ?, 0)" for column in NUMBERS.values()
                      for sign in COMPARISONS.values()),
                    "NOT ", " AND ", " OR ", "(", ")",
                )
            ),
            key=len,
            reverse=True,
        )
    )
)  # fmt: skip
"""All that a rule's SQL is made of."""


@given(rule=RULES)
def test_no_text_of_a_rule_becomes_sql(rule: str) -> None:
    try:
        where = parse_where(rule)
    except ValueError:
        return
    assert PIECES.sub("", where.sql) == "", "pieces of our own, and nothing else"
    assert where.sql.count("?") == len(where.values)
    connection = sqlite3.connect(":memory:")
    for statements in sync.database.VERSIONS:
        for statement in statements:
            connection.execute(statement)
    values = [v if isinstance(v, float) else v.encode("utf-8", "replace").decode()
              for v in where.values]  # fmt: skip
    connection.execute(
        f"SELECT rows.id FROM rows LEFT JOIN facets ON facets.row = rows.id "
        f"WHERE {where.sql}",
        values,
    )
    connection.close()


# --- Around it ---------------------------------------------------------------------------


def test_every_code_of_a_finding_is_a_word(root: Path) -> None:
    codes = set()
    for path in (root / "productdesc").rglob("*.py"):
        codes |= set(re.findall(r'code="([a-z-]+)"', path.read_text("utf-8")))
    assert codes <= CODES


def test_drafts_of_a_former_version_are_found_too(tmp_path: Path) -> None:
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, products(3), CountingEngine())
        with journal.database.transaction() as connection:
            connection.execute("DELETE FROM facets")
            connection.execute("UPDATE rows SET noted = NULL")
        assert sync.approve(journal, "title:length > 3 and not finding") == 3


QUICK = (
    "not finding and confidence >= 0.9",
    "title:length > 5",
    "changed",
    "category:shirt and not duplicate",
    "finding:price or kind:x",
)


@pytest.mark.heavy
def test_a_rule_over_fifty_thousand_rows_is_quick(tmp_path: Path) -> None:
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, products(1), CountingEngine(), **SHORT)
        [[text]] = journal.database.rows("SELECT description FROM drafts")
        with journal.database.transaction() as connection:
            connection.execute(
                """WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n
                                           WHERE i < 50000)
                   INSERT INTO rows(id, product_id, channel, language, state, product,
                       product_digest, fields, key, draft, run, updated)
                   SELECT i, 'q' || i, channel, language, state, product, product_digest,
                       fields, key || i, i, run, updated FROM n, rows WHERE rows.id = 1"""
            )
            connection.executemany(
                "INSERT INTO drafts(id, row, key, run, made, seconds, read_tokens, "
                "written_tokens, description) VALUES(?, ?, '', 1, '', 0, 0, 0, ?)",
                [(n, n, json.dumps(json.loads(str(text)))) for n in range(2, 50_001)],
            )
        scope = ("plain", "en")
        count_rows(journal, scope, parse_where("finding"))  # facets are filled once
        for rule in QUICK:
            began = time.monotonic()
            where = parse_where(rule)
            matching_rows(journal, scope, where, most=50)
            count_rows(journal, scope, where)
            assert time.monotonic() - began < 0.5, rule
