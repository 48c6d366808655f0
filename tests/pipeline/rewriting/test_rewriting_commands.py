"""`--rewrite` on the command line: what is shown, what is refused, what a job keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doubles.rewriting import keeper_engine

from productdesc import Description, sync
from productdesc.catalogs.merge_policy import Current, decide
from productdesc.cli import main

TEXT = "A mug of stoneware. It holds 350 ml. Do not forget the two handles."
MODEL = ("--model", "keeper")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(a) for a in arguments])
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    keeper_engine.install(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    return tmp_path


@pytest.fixture
def catalogue(site: Path) -> Path:
    rows = [
        {"id": "full", "title": "Stoneware Mug", "description": TEXT},
        {"id": "empty", "title": "Stoneware Mug with a lid"},
    ]
    path = site / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


DESCRIBE = ("describe", "--title", "Mug", "--description", TEXT, "--fields",
            "description", *MODEL)  # fmt: skip


def test_describe_says_what_changes_word_by_word(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *DESCRIBE, "--rewrite")
    assert (code, err) == (0, "")
    assert "what changes: [-gone-]{+new+}" in out
    assert "[-" in out.split("what changes")[1] and "{+" in out
    assert "! lost-fact: your description says" in out and "handles" in out
    code, out, _ = run(capsys, *DESCRIBE)
    assert code == 0 and "what changes" not in out and "lost-fact" not in out


def test_its_json_has_before_after_and_the_operations(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, *DESCRIBE, "--rewrite", "--json")
    record = json.loads(out)
    changes = {one["field"]: one for one in record.pop("rewrites")}
    made = Description.model_validate(record)
    change = changes["description"]
    assert (change["before"], change["after"]) == (TEXT, made.description)
    assert "".join(one["before"] for one in change["words"]) == TEXT
    assert "".join(one["after"] for one in change["words"]) == made.description
    assert {one["kind"] for one in change["words"]} <= {
        *("equal", "insert", "delete", "replace"),
    }
    _, plain, _ = run(capsys, *DESCRIBE, "--json")
    assert "rewrites" not in json.loads(plain)


def test_its_page_shows_both_texts_side_by_side(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, *DESCRIBE, "--rewrite", "--html")
    assert '<table class="changes">' in out and "<del>" in out and "<ins>" in out
    _, out, _ = run(capsys, *DESCRIBE, "--html")
    assert '<table class="changes">' not in out


def test_a_model_that_only_looks_cannot_rewrite(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, _, err = run(capsys, "describe", "--title", "Mug", "--rewrite")
    assert code == 2 and "rewrite=True needs a model that writes" in err


def test_a_job_that_could_rewrite_nothing_says_so_before_it_begins(
    catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = catalogue.parent / "job.db"
    command = ("sync", "run", catalogue, "--journal", journal, "--rewrite", *MODEL)
    code, _, err = run(capsys, *command)
    assert code == 2 and not journal.exists()
    assert err.startswith("productdesc: --rewrite: nothing could be rewritten")
    assert "--overwrite description" in err
    out = catalogue.parent / "out.jsonl"
    code, _, err = run(capsys, "convert", catalogue, out, "--rewrite", *MODEL)
    assert code == 2 and "--overwrite description" in err and not out.exists()


def test_a_job_rewrites_what_may_be_overwritten_and_keeps_what_is_lost(
    catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = catalogue.parent / "job.db"
    command = ("sync", "run", catalogue, "--journal", journal, "--rewrite",
               "--overwrite", "description", *MODEL)  # fmt: skip
    code, _, err = run(capsys, *command)
    assert code == 0, err
    found = {}
    with sync.Journal(journal, create=False) as opened:
        for row in opened.rows("plain", "en"):
            assert row.description is not None
            found[row.product.id] = row.description
    assert found["full"].description.startswith("It holds 350 ml")
    assert [f.code for f in found["full"].findings].count("lost-fact") == 1
    assert not any(f.code == "lost-fact" for f in found["empty"].findings)

    held = ("sync", "approve", "--journal", journal, "--where", "not finding:lost-fact")
    code, _, err = run(capsys, *held)
    assert code == 0, err
    with sync.Journal(journal, create=False) as opened:
        states = {row.product.id: row.state for row in opened.rows("plain", "en")}
    assert states == {"full": "generated", "empty": "approved"}

    now = Current(title="Stoneware Mug", description=TEXT)
    merged = decide(now, found["full"], writes=["description"])
    assert (merged.new, merged.untouched) == ({}, ("description",))


def test_a_retry_rewrites_as_the_run_did(
    catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = catalogue.parent / "job.db"
    command = ("sync", "run", catalogue, "--journal", journal, "--rewrite",
               "--overwrite", "description", *MODEL)  # fmt: skip
    assert run(capsys, *command)[0] == 0
    with sync.Journal(journal, create=False) as opened:
        assert opened.note("plain", "en")["rewrite"] is True
    assert run(capsys, "sync", "retry", "--journal", journal)[0] == 0
    code, out, _ = run(capsys, *command)
    assert code == 0 and "last run: 0 described" in out
