"""`productdesc sync approve`, `publish` and `undo`, as a person types them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.publishing.small_shops import KEY, PERSON, SECRET, WooShop, described, states

from productdesc.cli import main

Shop = tuple[WooShop, str, Path]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("PRODUCTDESC_WOOCOMMERCE_KEY", KEY)
    monkeypatch.setenv("PRODUCTDESC_WOOCOMMERCE_SECRET", SECRET)
    path = tmp_path / "job.db"
    with WooShop(4) as made:
        described(path, made, approve="")
        yield made, f"http://127.0.0.1:{made.server.port}", path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], shop: Shop) -> Any:
    """Runs `sync VERB ...`; gives exit code, standard output and standard error."""
    _, address, path = shop

    def run(verb: str, *more: object) -> tuple[int, str, str]:
        given = ["sync", verb, "--journal", path, *more]
        if verb != "approve":
            given += ["--allow-host", address]
        try:
            code = main([str(a) for a in given])
        except SystemExit as e:
            code = int(e.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_drafts_are_approved_published_and_taken_back(
    shop: Shop, command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    made, address, path = shop
    before = made.texts()
    code, out, _ = command("approve", "--where", "not finding and not product:4")
    assert (code, out) == (0, "3 drafts approved; 3 wait for `sync publish` or `export`\n")
    code, out, _ = command("publish", address)
    assert code == 0
    assert "3 planned" in out and "--apply writes it" in out
    assert made.texts() == before
    made.edit("2")
    code, out, err = command("publish", address, "--apply")
    assert code == 1
    assert "2 done, 1 drift" in out
    assert "2: drift: somebody changed description in the shop since it was read" in err
    code, out, _ = command("undo", address, "--since", "2020-01-01")
    assert (code, "2 planned" in out) == (0, True)
    code, out, _ = command("undo", address, "--since", "2020-01-01", "--apply")
    assert (code, "2 undone" in out) == (0, True)
    assert [key for key in before if made.texts()[key] != before[key]] == ["2"]
    assert PERSON in str(made.texts()["2"])
    assert states(path) == {"drift": 1, "generated": 1, "refused": 2}
    assert main(["sync", "status", "--journal", str(path)]) == 0
    out = capsys.readouterr().out
    assert "1 drifted: drift, such as somebody changed description in the shop" in out
    assert "2 refused: undone, such as published, and taken back" in out
    assert command("undo", address, "--since", "2999-01-01")[0] == 0


def test_json_has_an_object_a_product_and_one_of_all(shop: Shop, command: Any) -> None:
    _, address, path = shop
    rule = ("--auto-approve", "product:1 or product:2", "--as", "cron")
    code, out, err = command("publish", address, "--apply", "--json", *rule)
    assert code == 0, err
    *products, whole = map(json.loads, out.splitlines())
    assert [(one["product_id"], one["state"]) for one in products] == [
        ("1", "done"), ("2", "done"),
    ]  # fmt: skip
    assert [edit["field"] for one in products for edit in one["edits"]] == [
        "description", "description",
    ]  # fmt: skip
    assert whole == {"states": {"done": 2}, "applied": True}
    assert states(path) == {"done": 2, "generated": 2}


@pytest.mark.parametrize("verb", ["approve", "publish"])
def test_an_unknown_word_of_a_rule_is_wrong_use(
    verb: str, shop: Shop, command: Any
) -> None:
    option = "--where" if verb == "approve" else "--auto-approve"
    place = () if verb == "approve" else (shop[1],)
    code, _, err = command(verb, *place, option, "findings and confidence > 1")
    assert code == 2
    assert "did you mean 'finding'?" in err


def test_a_file_is_written_by_export(shop: Shop, command: Any, tmp_path: Path) -> None:
    for more in ((), ("--apply",)):
        code, _, err = command("publish", tmp_path / "import.csv", *more)
        assert code == 2
        assert "sync export" in err


def test_a_rollback_file_is_made_of_csv_only(
    shop: Shop, command: Any, tmp_path: Path
) -> None:
    code, _, err = command("undo", tmp_path / "back.csv")
    assert code == 2
    assert "is made of Shopify's and WooCommerce's CSV" in err
    code, _, err = command("undo", tmp_path / "back.csv", "--since", "2026-11-01")
    assert code == 2
    assert "for a live shop" in err
    code, _, err = command("undo", shop[1])
    assert code == 2
    assert "--since DATE is missing" in err


def test_a_rollback_file_takes_back_what_export_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, path = tmp_path / "in.csv", tmp_path / "job.db"
    source.write_text(
        "Handle,Title,Body (HTML),Tags\nmug,Mug,<p>An old mug.</p>,\ncup,Cup,,tea\n",
        "utf-8",
    )
    journal = ("--journal", str(path))
    assert main(["sync", "run", str(source), *journal, "--no-previews"]) == 0
    to = ("--to", "shopify-csv-changes")
    changes, back = tmp_path / "changes.csv", tmp_path / "back.csv"
    assert main(["sync", "export", str(changes), *to, *journal]) == 0
    assert main(["sync", "undo", str(back), *journal]) == 0
    capsys.readouterr()
    assert back.read_text("utf-8") == source.read_text("utf-8")
    assert changes.read_text("utf-8") != source.read_text("utf-8")


def test_a_wrong_date_is_wrong_use(shop: Shop, command: Any) -> None:
    code, _, err = command("undo", shop[1], "--since", "yesterday")
    assert code == 2
    assert "is no date, such as 2026-11-01" in err
