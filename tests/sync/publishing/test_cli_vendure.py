"""A Vendure shop as a job, from the command line: read, approved, published, taken back."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.shop_servers.vendure_server import Server
from doubles.shop_servers.vendure_shop import Shop

from productdesc.cli import main

TOKEN = "vendure-token-0123456789"
FIELDS = {"seoTitle": "localeString", "seoDescription": "localeText"}
TEXTS = {"en": {"name": "Red mug"}, "de": {"name": "Rote Tasse"}}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Shop, Server]]:
    monkeypatch.setenv("PRODUCTDESC_VENDURE_TOKEN", TOKEN)
    shop = Shop(TOKEN, fields=FIELDS)
    for key in ("1", "2"):
        shop.add(key, texts=copy.deepcopy(TEXTS))
    with Server(shop) as made:
        yield shop, made


@pytest.fixture
def command(
    server: tuple[Shop, Server], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Runs `sync VERB ...`; gives exit code, standard output and standard error."""
    origin = server[1].url.removesuffix("/admin-api")

    def run(verb: str, *more: str) -> tuple[int, str, str]:
        given = ["sync", verb, *more, "--journal", str(tmp_path / "job.db")]
        if verb not in ("approve", "export"):
            given += ["--allow-host", origin]
        code = main(given)
        out, err = capsys.readouterr()
        assert TOKEN not in out + err
        return code, out, err

    return run


def raw(shop: Shop) -> Any:
    """What the shop stores; a custom field that is null was never filled."""
    found = copy.deepcopy(shop.products)
    for one in found.values():
        for row in one["translations"]:
            own = row["customFields"]
            row["customFields"] = {k: v for k, v in own.items() if v is not None}
    return found


def test_a_shop_is_described_published_and_gets_its_texts_back(
    server: tuple[Shop, Server], command: Any
) -> None:
    shop, made = server
    place, seo = f"vendure:{made.url}", ("--seo", "custom-fields")
    first = raw(shop)
    code, out, err = command("run", place, *seo, "--no-previews")
    assert code == 0, err
    assert "2 generated" in out
    code, _, err = command("export", place)
    assert code == 2
    assert (
        "is a live shop; `productdesc sync publish` writes there what you approved" in err
    )
    assert command("approve", "--where", "state:generated")[0] == 0
    code, out, err = command("publish", place, "--settle", "1")
    assert (code, "2 planned" in out) == (0, True), err
    assert raw(shop) == first
    code, out, err = command("publish", "--apply")  # the shop that the run read
    assert (code, "2 done" in out) == (0, True), err
    english = shop.texts("1")
    assert english["description"] and english["customFields"]["seoTitle"]
    assert shop.texts("1", "de") == first["1"]["translations"][1]
    code, out, err = command("undo", place, "--since", "2020-01-01", "--apply")
    assert (code, "2 undone" in out) == (0, True), err
    assert raw(shop) == first


def test_seo_of_another_shop_is_wrong_use(
    server: tuple[Shop, Server], command: Any
) -> None:
    code, _, err = command("run", f"vendure:{server[1].url}", "--seo", "yoast")
    assert code == 2
    assert "yoast" in err
