"""A journal whose products are described by somebody else: one writer, and it remembers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from doubles.scaling import namespaces
from doubles.scaling.scripted_workers import (
    NAME,
    OF_ENVIRONMENT,
    OPTIONS_VARIABLE,
    NumberedEngine,
    numbers_written,
    product,
)

from productdesc import Described, EngineError, Product, cli, sync
from productdesc.pipeline import Outcome
from productdesc.pipeline.call import Asked
from productdesc.scale import EngineRecipe, RemoteEngine
from productdesc.scale.shards import ShardWorker

OPTIONS: Any = {"channel": "plain", "fields": ["title"]}
RECIPE = EngineRecipe(NAME)


def drafts(journal: Path) -> dict[str, dict[str, Any]]:
    """What a journal holds of each product, without the time of its making."""
    with sync.Journal(journal, create=False) as opened:
        texts = [row[0] for row in opened.database.rows("SELECT description FROM drafts")]
    made = {}
    for text in texts:
        draft = json.loads(text)
        del draft["provenance"]["time"]
        made[draft["product_id"]] = draft
    return made


def in_a_worker(
    products: Iterator[Product], asks: Callable[[Product], Sequence[Asked]]
) -> Iterator[Outcome]:
    """Describes as a worker of Ray does, but here, and in the other order."""
    worker = ShardWorker(RECIPE, OPTIONS, 4, NumberedEngine().info)
    shard = [*products]
    given = [(one.model_copy(), tuple(asks(one))) for one in shard]
    for place, outcome in reversed(worker.outcomes(given)):
        assert isinstance(outcome, Described)
        yield Described(shard[place], outcome.description, outcome.draft)


def test_a_journal_holds_what_its_describer_made(tmp_path: Path) -> None:
    engine = NumberedEngine()
    for name, more in (("here", {}), ("there", {"describer": in_a_worker})):
        with sync.Journal(tmp_path / name) as journal:
            products = [product(n) for n in range(9)]
            outcomes = [*sync.run(journal, products, engine, **OPTIONS, **more)]
            assert len(outcomes) == 9
            assert not [*sync.run(journal, products, engine, **OPTIONS, **more)]
    assert drafts(tmp_path / "there") == drafts(tmp_path / "here")
    assert len(drafts(tmp_path / "here")) == 9


def test_a_remote_engine_answers_nothing_here() -> None:
    engine = RemoteEngine(NumberedEngine().info)
    with pytest.raises(EngineError, match="is held by workers, and answers only there"):
        engine.generate([])


def test_a_worker_with_another_model_refuses() -> None:
    other = NumberedEngine(model="other").info
    with pytest.raises(EngineError, match="has 'n' and the job 'other'; make all"):
        ShardWorker(RECIPE, OPTIONS, 4, other)


def test_an_estimate_is_of_this_process(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sync", "run", "in.jsonl", "--journal", str(tmp_path / "j"), "--ray", "local"]
    assert cli.main([*words, "--estimate"]) == 2
    assert "--estimate measures this process; leave --ray out" in capsys.readouterr().err


@pytest.mark.heavy
def test_a_journal_is_described_by_two_workers_once_and_what_failed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In about two minutes; `pytest -m heavy tests/scale/test_journal_workers.py`."""
    source, log, bad = tmp_path / "in.jsonl", tmp_path / "log", tmp_path / "bad"
    log.mkdir()
    bad.touch()
    source.write_text("".join(f"{product(n).model_dump_json()}\n" for n in range(60)))
    fails = {"breaks_at": "3", "breaks_while": str(bad), "error": "OutputError"}
    monkeypatch.setenv(OPTIONS_VARIABLE, json.dumps({"log": str(log), **fails}))
    journal = ("--journal", tmp_path / "there")
    workers = ("--ray", "local", "--workers", "2", "--block-rows", "8")
    options = ("--model", OF_ENVIRONMENT, "--channel", "plain", "--fields", "title")
    run = ("-m", "productdesc", "sync", "run", source, *journal, *options, *workers)
    for _ in range(2):
        process = namespaces.start(*run, "--batch-size", "1")
        text, _ = process.communicate(timeout=300)
        assert process.returncode == 1 and "6 products failed" in text, text
    numbers = numbers_written(log)
    assert len(numbers) == len(set(numbers)) == 54  # the second run described nothing
    assert len([*log.iterdir()]) == 2  # both workers did some
    bad.unlink()
    namespaces.output_of("-m", "productdesc", "sync", "retry", *journal, *workers)
    again = numbers_written(log)
    assert sorted(set(again)) == sorted(again) and len(again) == 60
    assert len([*log.iterdir()]) > 2  # not by this process
    assert not (tmp_path / "there.previews.db").exists()
    titles = {key: draft["title"] for key, draft in drafts(tmp_path / "there").items()}
    assert titles == {f"p{n}": f"Shirt number {1000 + n}" for n in range(60)}
