"""One worker: every row comes back with its own outcome, whatever happens to others."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pyarrow
import pytest
from doubles.model_servers.chat_server import ChatServer, fails, fitting
from doubles.scaling.scripted_workers import NAME, numbered, product

import productdesc
from productdesc import Described, Description, EngineError
from productdesc.engines import ServerLimits, ServerOptions
from productdesc.scale import EngineRecipe, WorkerResources
from productdesc.scale.dataset import error_of_ours
from productdesc.scale.describer import Describer, Waits, resolved_with
from productdesc.scale.product_rows import row_of

OPTIONS: Any = {"channel": "plain", "fields": ["title"]}
QUICK = ServerOptions(limits=ServerLimits(attempts=1, deadline_seconds=5))


def table(*rows: dict[str, Any]) -> pyarrow.Table:
    return pyarrow.Table.from_pylist([*rows])


def described(rows: pyarrow.Table, **arguments: Any) -> list[dict[str, Any]]:
    worker = Describer(EngineRecipe(NAME, arguments=arguments), OPTIONS, WorkerResources())
    made: list[dict[str, Any]] = worker(rows).to_pylist()
    return made


def same(row: dict[str, Any], description: Description) -> bool:
    """Whether a row holds this description, but for the time of its making."""
    held = Description.model_validate_json(row["description_json"])
    time = description.provenance.time
    provenance = held.provenance.model_copy(update={"time": time})
    return held.model_copy(update={"provenance": provenance}) == description


def test_rows_are_those_of_describe_many_in_their_order() -> None:
    products = [product(n) for n in range(40)]
    rows = described(table(*map(row_of, products)))
    outcomes = productdesc.describe_many(products, numbered(), **OPTIONS)
    for row, outcome in zip(rows, outcomes, strict=True):
        assert isinstance(outcome, Described)
        assert same(row, outcome.description)
        assert row["status"] == "described" and row["error"] is None
        assert row["title"] == f"Shirt number {1000 + int(row['id'][1:])}"


def test_two_rows_of_one_id_keep_their_own_copy() -> None:
    rows = [{**row_of(product(n)), "id": "same"} for n in (3, 5)]
    assert [row["title"] for row in described(table(*rows))] == [
        "Shirt number 1003",
        "Shirt number 1005",
    ]


def test_bad_rows_are_reported_and_the_others_described() -> None:
    rows = [row_of(product(n)) for n in range(30)]
    rows[4]["attributes"] = "not JSON"
    rows[9]["photos"] = [{"url": "ftp://a.test/x.jpg", "path": None}]
    made = described(table(*rows), breaks_at="17")
    told = {row["id"]: (row["error"], row["reason"]) for row in made if row["error"]}
    assert {key: error for key, (error, _) in told.items()} == {
        "p4": "ValueError",
        "p9": "PhotoError",
        "p17": "RuntimeError",
    }
    assert told["p17"][1] == "a mistake at 1017"
    assert sum(row["status"] == "described" for row in made) == 27


def test_columns_that_are_no_product_go_through_and_photos_do_not() -> None:
    rows = {**row_of(product(1)), "mine": 5, "photos": []}
    [made] = described(table(rows))
    assert made["mine"] == 5 and "photos" not in made
    with pytest.raises(ValueError, match="has a column of a result: status; rename it"):
        described(table({**rows, "status": "x"}))


def test_a_key_changes_with_product_options_and_engine_only() -> None:
    rows = table(row_of(product(1)), row_of(product(2)))
    one, two = (row["key"] for row in described(rows))
    again = described(rows)[0]["key"]
    other = described(rows, model="other")[0]["key"]
    assert again == one and len({one, two, other}) == 3


def test_an_empty_block_has_the_columns_of_every_other() -> None:
    rows = table(row_of(product(1)))
    worker = Describer(EngineRecipe(NAME), OPTIONS, WorkerResources())
    assert worker(rows.slice(0, 0)).schema == worker(rows).schema


def test_a_machine_with_another_model_is_refused() -> None:
    planned = resolved_with(EngineRecipe(NAME), OPTIONS).digest
    Describer(EngineRecipe(NAME), OPTIONS, WorkerResources(), planned)
    other = EngineRecipe(NAME, arguments={"model": "other"})
    with pytest.raises(EngineError, match="another version of productdesc than the run"):
        Describer(other, OPTIONS, WorkerResources(), planned)


def test_a_worker_waits_for_a_server_that_has_answered_before() -> None:
    asked = itertools.count()
    away = fails("503 Service Unavailable", "starting")
    with ChatServer(lambda body: away if 4 <= next(asked) < 6 else fitting(body)) as server:
        worker = Describer(
            EngineRecipe(server.url, options=QUICK),
            OPTIONS,
            WorkerResources(batch_size=1, patience_seconds=9),
        )
        rows = worker(table(*(row_of(product(n)) for n in range(6)))).to_pylist()
    assert [row["status"] for row in rows] == ["described"] * 6


@pytest.mark.parametrize(("answers", "patience"), [(0, 9.0), (2, 0.0)])
def test_a_server_that_never_answered_or_stays_away_ends_the_run(
    answers: int, patience: float
) -> None:
    asked = itertools.count()
    away = fails("503 Service Unavailable", "gone")
    with ChatServer(
        lambda body: fitting(body) if next(asked) < answers else away
    ) as server:
        worker = Describer(
            EngineRecipe(server.url, options=QUICK),
            OPTIONS,
            WorkerResources(batch_size=1, patience_seconds=patience),
        )
        with pytest.raises(EngineError, match="gone"):
            worker(table(row_of(product(1)), row_of(product(2))))
    assert len(server.bodies) <= answers + 2  # it was not asked again and again


def test_a_worker_sends_no_more_requests_at_once_than_its_options_allow() -> None:
    gate = threading.Barrier(3, timeout=10)

    def together(body: Any) -> bytes:
        gate.wait()
        return fitting(body)

    limits = ServerLimits(concurrency=3)
    with ChatServer(together) as server:
        recipe = EngineRecipe(server.url, options=ServerOptions(limits=limits))
        worker = Describer(recipe, OPTIONS, WorkerResources(batch_size=9))
        worker(table(*(row_of(product(n)) for n in range(9))))
        assert server.most_under_way == 3


def test_waits_double_to_a_bound_and_come_to_the_patience() -> None:
    waits = Waits(100)
    assert list(iter(waits.next, 0)) == [1, 2, 4, 8, 16, 30, 30, 9]
    waits.begin()
    assert waits.next() == 1


def test_an_error_of_a_worker_is_told_without_its_traceback() -> None:
    exceptions = pytest.importorskip("ray.exceptions", reason="needs the extra ray")
    cause = EngineError("the engine x cannot be opened: why")
    wrapped = exceptions.RayTaskError("f", "Traceback: ...", cause).as_instanceof_cause()
    assert isinstance(wrapped, EngineError) and "Traceback" in str(wrapped)
    assert error_of_ours(wrapped) is cause
    other = error_of_ours(exceptions.RaySystemError("a long story\nthe raylet has gone"))
    assert isinstance(other, EngineError) and str(other).endswith("the raylet has gone")
