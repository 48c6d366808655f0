"""The journal: what makes a row stale, what is taken again, who may write, its versions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from doubles.jobs.small_jobs import SHORT, CountingEngine, product, products, run, states
from PIL import Image

from productdesc import Described, Product, Settings, sync
from productdesc.errors import JournalError
from productdesc.sync.database import Database, check_file_system
from productdesc.sync.previews import PreviewDatabase
from productdesc.sync.versions import VERSIONS


def reasons(journal: sync.Journal) -> list[str]:
    return [one.kind for one in sync.job_status(journal).stale]


def test_a_row_whose_key_stands_is_not_described_again(tmp_path: Path) -> None:
    engine = CountingEngine()
    with sync.Journal(tmp_path / "job.db") as journal:
        assert len(run(journal, products(10), engine)) == 10
        assert run(journal, products(12), engine) != []
        assert run(journal, products(12), engine) == []
    assert set(engine.written.values()) == {1}
    assert len(engine.written) == 12


def test_a_changed_product_is_described_again_and_no_other(tmp_path: Path) -> None:
    engine = CountingEngine()
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, products(5), engine)
        changed = [*products(5)]
        changed[3] = product(3, attributes={"colour": "red"})
        [outcome] = run(journal, changed, engine)
        assert outcome.product.id == "p3"
        assert states(journal) == {"generated": 5}


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"settings": Settings(temperature=0.7)}, "settings"),
        ({"inferred": "none"}, "policy"),
        ({"categories": ["mug", "cup"]}, "categories"),
        ({"fields": ["title", "tags"]}, "fields"),
    ],
)
def test_a_changed_option_makes_rows_stale_and_says_which(
    options: dict[str, object], part: str, tmp_path: Path
) -> None:
    engine = CountingEngine()
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, products(3), engine)
        # none of the source's products, so that what is stale stays to be seen
        next(sync.run(journal, [], engine, **{**SHORT, **options}))
        assert reasons(journal) == [f"stale: {part}"]


def test_another_language_is_another_job_in_the_same_journal(tmp_path: Path) -> None:
    engine = CountingEngine()
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, products(3), engine)
        run(journal, products(2), engine, language="de")
        totals = {job.language: job.total for job in sync.status(journal)}
        assert totals == {"en": 3, "de": 2}
        assert run(journal, products(3), engine) == []
        with pytest.raises(JournalError, match="several jobs; name channel and language"):
            sync.job_status(journal)


def test_another_model_makes_rows_stale(tmp_path: Path) -> None:
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, products(3), CountingEngine("one"))
        other = CountingEngine("two")
        next(sync.run(journal, [], other, **SHORT))
        assert reasons(journal) == ["stale: model"]


def test_a_draft_of_another_journal_is_taken_and_not_paid_for(tmp_path: Path) -> None:
    engine = CountingEngine()
    with sync.Journal(tmp_path / "old.db") as old:
        run(old, products(4), engine)
    with (
        sync.Journal(tmp_path / "old.db", create=False) as old,
        sync.Journal(tmp_path / "new.db") as journal,
    ):
        outcomes = run(journal, products(6), engine, reuse=[old])
        assert [o.product.id for o in outcomes] == ["p4", "p5"]
        assert states(journal) == {"generated": 6}
        assert sync.job_status(journal).reused == 4
        texts = [row.description for row in journal.rows("plain", "en")]
    assert all(text and text.title for text in texts)
    assert set(engine.written.values()) == {1}


def test_drafts_keep_evidence_findings_and_provenance(tmp_path: Path) -> None:
    with sync.Journal(tmp_path / "job.db") as journal:
        [outcome] = run(journal, products(1), CountingEngine())
        assert isinstance(outcome, Described)
        [stored] = journal.rows("plain", "en")
    assert stored.description == outcome.description
    assert stored.description.evidence
    assert stored.description.provenance.model == "counting"
    assert stored.product == outcome.product


def test_what_the_source_has_no_more_is_counted_and_not_exported(tmp_path: Path) -> None:
    engine = CountingEngine()
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, products(5), engine)
        assert sync.job_status(journal).gone == 0
        run(journal, [product(0), product(2)], engine)
        job = sync.job_status(journal)
        assert (job.gone, job.total) == (3, 5)
        left = journal.rows("plain", "en", seen_only=True)
        assert [row.product.id for row in left] == ["p0", "p2"]
        # of a pass that was cut short nothing is known
        run(journal, products(5), engine, limit=1)
        assert sync.job_status(journal).gone is None


def test_of_products_with_one_id_the_first_counts_and_the_others_are_counted(
    tmp_path: Path,
) -> None:
    engine = CountingEngine()
    listed = [product(0), product(1, id="p0"), product(2)]
    for _ in range(2):
        with sync.Journal(tmp_path / "job.db") as journal:
            run(journal, listed, engine)
            job = sync.job_status(journal)
            assert (job.total, job.repeated) == (2, 1)
    assert engine.written == {"0": 1, "2": 1}


def test_a_product_that_needs_nothing_is_unchanged(tmp_path: Path) -> None:
    engine = CountingEngine()
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, products(3), engine, needs=lambda p: frozenset())
        assert states(journal) == {"unchanged": 3}
        run(journal, products(3), engine, needs=lambda p: frozenset({"title"}))
        assert states(journal) == {"generated": 3}


def test_photos_that_lie_nowhere_cannot_be_kept(tmp_path: Path) -> None:
    image = Image.new("RGB", (400, 400))
    listed = [product(0), Product(id="p1", title="Thing", photos=[image])]
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, listed, CountingEngine())
        [failure] = sync.job_status(journal).failures
        assert failure.kind == "NotStorableError"
        assert "give a Path or an https URL" in failure.example
        assert [*sync.retry(journal, CountingEngine(), **SHORT)] == []


def test_a_relative_photo_is_found_from_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with sync.Journal(tmp_path / "job.db") as journal:
        run(journal, [product(0, photos=[Path("a.jpg")])], CountingEngine())
        [row] = journal.rows("plain", "en")
        assert row.product.photos == (tmp_path / "a.jpg",)
        assert row.state == "dead"


def test_two_runs_do_not_share_a_journal_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "job.db"
    with sync.Journal(path) as journal, sync.Journal(path) as other:
        outcomes = sync.run(journal, products(3), CountingEngine(), **SHORT)
        next(outcomes)
        with pytest.raises(JournalError, match="another run is at work"):
            run(other, products(3), CountingEngine())
        assert len([*outcomes]) == 2
        assert run(other, products(3), CountingEngine()) == []


def test_an_error_of_the_source_comes_after_what_was_before_it(tmp_path: Path) -> None:
    def failing() -> Iterator[Product]:
        yield from products(3)
        raise RuntimeError("the shop is gone")

    with sync.Journal(tmp_path / "job.db") as journal:
        outcomes = sync.run(journal, failing(), CountingEngine(), **SHORT)
        assert {next(outcomes).product.id for _ in range(3)} == {"p0", "p1", "p2"}
        with pytest.raises(RuntimeError, match="shop is gone"):
            next(outcomes)
        assert sync.job_status(journal).gone is None


# --- The file ----------------------------------------------------------------------------


@pytest.mark.parametrize("database", [Database, PreviewDatabase])
def test_every_connection_commits_in_full(database: type[Database], tmp_path: Path) -> None:
    opened = database(tmp_path / "job.db")
    for name, value in {"synchronous": 2, "journal_mode": "wal"}.items():
        assert opened.rows(f"PRAGMA {name}") == [(value,)]
    opened.close()


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_network_file_systems_are_refused(kind: str, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nserver {tmp_path} {kind} rw 0 0\n", "utf-8")
    with pytest.raises(JournalError, match=f"network file system \\({kind}\\)"):
        check_file_system(tmp_path / "sub" / "job.db", mounts)
    check_file_system(Path("/elsewhere/job.db"), mounts)


def test_another_file_is_not_taken_for_a_journal(tmp_path: Path) -> None:
    text = tmp_path / "notes.db"
    text.write_text("these are my notes, and no database of any kind\n" * 20, "utf-8")
    with pytest.raises(JournalError, match="is no journal"):
        sync.Journal(text)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine(a)")
    with pytest.raises(JournalError, match="but no journal"):
        sync.Journal(other)
    assert text.read_text("utf-8").startswith("these are my notes")


def test_no_secret_is_in_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = "canary-0123456789abcdef"
    for name in ("SERVER_KEY", "SHOPIFY_TOKEN", "WOOCOMMERCE_KEY", "WOOCOMMERCE_SECRET"):
        monkeypatch.setenv(f"PRODUCTDESC_{name}", canary)
    from productdesc.engines import ServerOptions
    from productdesc.net import Http

    assert canary not in repr(ServerOptions(api_key=canary))
    with sync.Journal(tmp_path / "job.db") as journal, Http() as http:
        bad = product(1, photos=[f"https://name:{canary}@shop.invalid/a.jpg"])
        run(journal, [product(0), bad], CountingEngine(), http=http)
    reasons = sqlite3.connect(tmp_path / "job.db").execute("SELECT reason FROM rows")
    assert not [reason for [reason] in reasons if canary in reason]


# --- Versions (P19) ----------------------------------------------------------------------


def test_p19_a_newer_journal_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "job.db"
    sync.Journal(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(VERSIONS) + 1}")
    connection.close()
    with pytest.raises(JournalError, match=r"newer productdesc .* update productdesc"):
        sync.Journal(path)


def test_p19_every_former_version_has_a_golden_file(root: Path) -> None:
    names = {path.name for path in (root / "tests/data/journals").glob("*.sql")}
    assert names == {f"version_{n + 1}.sql" for n in range(len(VERSIONS))}


@pytest.mark.parametrize("version", range(1, len(VERSIONS) + 1))
def test_p19_a_journal_of_any_version_is_upgraded_and_goes_on(
    version: int, root: Path, tmp_path: Path
) -> None:
    path = tmp_path / "job.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        (root / f"tests/data/journals/version_{version}.sql").read_text()
    )
    connection.close()
    engine = CountingEngine()
    with sync.Journal(path) as journal:
        [[now]] = journal.database.rows("PRAGMA user_version")
        assert now == len(VERSIONS)
        rows = {row.product.id: row for row in journal.rows("plain", "en")}
        assert {n: r.state for n, r in rows.items()} == {
            "p0": "generated", "p1": "generated", "p2": "dead", "p3": "unchanged",
            "p4": "new",
        }  # fmt: skip
        assert rows["p0"].description is not None
        assert rows["p0"].description.title == "Plain thing"
        assert "no such file" in rows["p2"].reason
        run(journal, None, engine)
        assert states(journal)["generated"] >= 3
    again = sync.Journal(path)
    again.close()


def test_p19_a_chain_of_versions_is_gone_through_in_one_commit(tmp_path: Path) -> None:
    class Next(Database):
        versions = (*VERSIONS, ("ALTER TABLE rows ADD COLUMN hint TEXT",))

    class Broken(Database):
        versions = (*Next.versions, ("CREATE TABLE half(a)", "SELECT nonsense"))

    path = tmp_path / "job.db"
    sync.Journal(path).close()
    with pytest.raises(JournalError):
        Broken(path)
    with sync.Journal(path) as journal:  # nothing of it was done
        assert journal.database.rows("PRAGMA user_version") == [(len(VERSIONS),)]
    opened = Next(path)
    assert opened.rows("SELECT hint FROM rows") == []
    opened.close()
    with pytest.raises(JournalError, match="newer"):
        sync.Journal(path)


# --- Clocks (P18) ------------------------------------------------------------------------


def test_p18_a_clock_that_jumps_loses_no_row_and_no_time(tmp_path: Path) -> None:
    start = datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2)))
    jumps = [timedelta(), timedelta(hours=-1), timedelta(days=-400), timedelta(days=4000)]
    calls = 0

    def clock() -> datetime:
        nonlocal calls
        calls += 1
        return start + jumps[calls % len(jumps)]

    engine = CountingEngine()
    with sync.Journal(tmp_path / "job.db", clock=clock) as journal:
        run(journal, products(9), engine, batch_size=2)
        assert states(journal) == {"generated": 9}
        assert run(journal, products(9), engine) == []
        job = sync.job_status(journal)
        assert job.seconds >= 0
        rows = journal.database.rows("SELECT made, seconds FROM drafts")
    # durations are by a clock that never jumps, and times are UTC
    assert all(0 <= float(str(seconds)) < 60 for _, seconds in rows)
    assert all(datetime.fromisoformat(str(made)).tzinfo == UTC for made, _ in rows)
