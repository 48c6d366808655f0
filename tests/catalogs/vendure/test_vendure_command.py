"""A Vendure shop on the command line: its address, its token, its languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from doubles.shop_servers.vendure_server import Server
from doubles.shop_servers.vendure_shop import Shop
from doubles.shops import CANARY

from productdesc.cli import main

FIELDS = {"seoTitle": "localeString", "seoDescription": "localeText"}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("PRODUCTDESC_VENDURE_TOKEN", CANARY)
    made = Shop(CANARY, fields=FIELDS)
    texts = {
        "en": {"name": "Shoe", "description": "<p>The merchant's.</p>"},
        "de": {"name": "Schuh"},
    }
    photo = {"id": "1", "type": "IMAGE", "mimeType": "image/jpeg", "preview": ""}
    made.add("7", texts=texts, assets=[{**photo, "source": "/assets/7.jpg"}])
    return made


@pytest.fixture
def server(shop: Shop) -> Iterator[Server]:
    with Server(shop) as made:
        yield made


def origin(server: Server) -> str:
    return server.url.removesuffix("/admin-api")


def test_a_shop_and_its_photos_on_this_machine_are_let_through_by_name(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    place = f"vendure:{server.url}"
    assert main(["inspect", place, "--allow-host", origin(server), "--json"]) == 0
    out = capsys.readouterr()
    told = json.loads(out.out)
    assert told["kind"] == "vendure" and told["products"] == told["photos"] == 1
    assert told["problems"] == 0 and CANARY not in out.out + out.err


def test_without_being_let_through_it_is_not_asked(
    server: Server, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", f"vendure:{server.url}"]) == 3
    assert re.search("loopback|--allow-host", capsys.readouterr().err)
    assert not shop.requests


def test_a_shop_is_moved_as_it_is_in_the_language_that_is_asked_for(
    server: Server, tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    out = f"{tmp_path}/out.jsonl"
    how = ["--as-is", "--language", "de", "--allow-host", origin(server)]
    assert main(["convert", f"VENDURE:{origin(server)}", out, *how]) == 0
    capsys.readouterr()
    with open(out, encoding="utf-8") as file:
        [row] = map(json.loads, file)
    assert row["title"] == "Schuh"


def test_a_language_that_the_shop_has_not_is_told(
    server: Server, tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    how = ["--as-is", "--language", "fr", "--allow-host", origin(server)]
    code = main(["convert", f"vendure:{server.url}", f"{tmp_path}/out.jsonl", *how])
    assert code == 3 and "has no language 'fr'; it has: en, de" in capsys.readouterr().err


def test_its_token_is_asked_for_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PRODUCTDESC_VENDURE_TOKEN", raising=False)
    assert main(["inspect", "vendure:https://shop.example"]) == 2
    assert "PRODUCTDESC_VENDURE_TOKEN" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seo", "place", "words"),
    [
        ("custom-fields", "https://a.example", "is for Vendure"),
        ("yoast", "vendure:https://a.example", "is for WooCommerce"),
    ],
)
def test_seo_of_another_shop_is_refused(
    seo: str, place: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", place, "out.jsonl", "--seo", seo]) == 2
    assert words in capsys.readouterr().err
