"""A real Vendure 3.7.3: heavy, since it is installed by npm and fills 300 products first.

    python -m pytest -m heavy tests/catalogs/vendure/test_vendure_real.py

See docs/vendure.md. The job's publish suite stands on the same shop.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.shop_servers import vendure_real
from doubles.shop_servers.cut_off_proxy import CutOffProxy
from doubles.shop_servers.vendure_real import Shop
from doubles.shop_servers.vendure_server import loopback
from factories import back, description

from productdesc.catalogs import (
    RETRY_POLICIES,
    Saved,
    VendureClient,
    VendureSink,
    VendureSource,
    save_all,
)
from productdesc.catalogs.vendure.documents import Document
from productdesc.catalogs.vendure.replies import Answered
from productdesc.errors import CatalogError
from productdesc.net import Http
from productdesc.records import Product

pytestmark = pytest.mark.heavy

PRODUCTS = 300
OURS = description(
    title="Our title",
    bullets=("Canvas upper", "Rubber sole"),
    description="Our words & <more>.\n\nA second part.",
    seo_title="SEO title",
    seo_description="SEO words",
)


@pytest.fixture(scope="module")
def shop(
    tmp_path_factory: pytest.TempPathFactory, root_photos: list[Path]
) -> Iterator[Shop]:
    if why := vendure_real.why_not():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("vendure")
    with vendure_real.start(folder, products=PRODUCTS, photos=root_photos) as started:
        yield started


@pytest.fixture(scope="module")
def root_photos() -> list[Path]:
    examples = Path(__file__).resolve().parents[3] / "examples"
    return sorted(examples.glob("*.jpg"))


def client(shop: Shop, **options: Any) -> VendureClient:
    how = {"token": shop.token, "network": shop.network(), **options}
    return VendureClient(shop.url, **how)


def read(shop: Shop, language: str = "en") -> list[Product]:
    with VendureSource(
        client(shop), language=language, seo="custom-fields", own=True
    ) as source:
        found = list(source.products())
    assert not list(source.problems)
    return found


def save(shop: Shop, products: list[Product], ours: Any = OURS, **how: Any) -> list[Saved]:
    options = {"apply": True, "seo": "custom-fields", **how}
    with VendureSink(client(shop), own=True, **options) as sink:
        return list(save_all(sink, [(product, ours) for product in products]))


def test_all_is_read_written_read_back_and_undone(shop: Shop) -> None:
    first = {language: read(shop, language) for language in ("en", "de")}
    assert [p.id for p in first["en"]] == [str(n) for n in range(1, PRODUCTS + 1)]
    assert first["en"][0].attributes == {"Material": "Canvas"}
    assert first["de"][0].attributes == {"Material": "Leinen"}
    assert first["en"][24].attributes["Size"] == "40, 41"  # no variant has a 42
    with Http(network=shop.network()) as http:
        assert http.get(str(first["en"][0].photos[0])).body[:2] == b"\xff\xd8"

    planned = save(shop, first["en"], apply=False)
    assert {one.status for one in planned} == {"planned"} and not shop.changes()

    saved = save(shop, first["en"])
    assert Counter(one.status for one in saved) == {"written": PRODUCTS}
    assert [one.edits for one in saved] == [one.edits for one in planned]
    seen = shop.changes()
    assert Counter(line["id"] for line in seen) == {str(n): 1 for n in range(1, 301)}
    for line in seen:
        before, after = line["before"], line["after"]
        assert before.get("de") == after.get("de")
        assert line["changed"] and before["en"]["slug"] == after["en"]["slug"]
        assert before["en"]["name"] == after["en"]["name"]
        if int(line["id"]) % 10 == 0:
            assert before["en"]["description"] == after["en"]["description"]

    again = save(shop, read(shop))
    assert {one.status for one in again} == {"unchanged"}
    assert len(shop.changes()) == PRODUCTS

    with VendureSink(client(shop), own=True, apply=True, seo="custom-fields") as sink:
        undone = list(sink.restore((one.product_id, back(one.edits)) for one in saved))
    assert Counter(one.status for one in undone) == {"written": PRODUCTS}
    back = shop.changes()[PRODUCTS:]
    assert {line["id"]: line["after"] for line in back} == {
        line["id"]: line["before"] for line in seen
    }
    assert {language: read(shop, language) for language in ("en", "de")} == first


def test_a_language_that_a_product_has_not_is_added_beside_the_other(shop: Shop) -> None:
    last = read(shop, "de")[-1]
    assert last.title == "" and last.attributes["name (en)"] == f"Trail shoe {PRODUCTS}"
    german = OURS.model_copy(update={"language": "de", "title": "Unser Schuh"})
    assert [one.status for one in save(shop, [last], german)] == ["written"]
    line = shop.changes()[-1]
    assert line["before"]["en"] == line["after"]["en"]
    assert line["after"]["de"]["name"] == "Unser Schuh"
    assert line["after"]["de"]["slug"] == line["after"]["en"]["slug"]


def test_a_text_that_a_person_edited_since_stays_when_ours_is_taken_back(
    shop: Shop,
) -> None:
    [product] = [p for p in read(shop) if p.id == "7"]
    [saved] = save(shop, [product])
    edit = OURS.model_copy(update={"description": "A person's words."})
    with VendureClient(shop.url, shop.editor, network=shop.network()) as editors:
        person = VendureSink(editors, apply=True, overwrite=["description"])
        assert person.save(Product(id="7"), edit).status == "written"
        [kept] = save(shop, [product], overwrite=["description"])
        assert kept.status == "unchanged" and "edited in the shop" in kept.reason
        sink = VendureSink(editors, apply=True, seo="custom-fields")
        [undone] = sink.restore([("7", back(saved.edits))])
    assert undone.untouched == ("description",)
    assert "person" in shop.changes()[-1]["after"]["en"]["description"]


@pytest.mark.parametrize("how", ["stopped", "mute"])
def test_a_change_whose_answer_does_not_come_is_found_and_made_once(
    shop: Shop, how: str
) -> None:
    key = {"stopped": "11", "mute": "12"}[how]
    [product] = [p for p in read(shop) if p.id == key]
    before = len(shop.changes())

    def cut_off(data: bytes) -> None:
        """The shop stands still, or is not heard, from the change on, and for 3 seconds."""
        if b"mutation ProductdescUpdate" in data:
            if how == "stopped":
                shop.stop()
            else:
                proxy.way = "mute"
            threading.Timer(3.0, back).start()

    def back() -> None:
        shop.go_on()
        proxy.way = "through"

    with CutOffProxy(int(shop.origin.rpartition(":")[2]), before=cut_off) as proxy:
        url = f"http://127.0.0.1:{proxy.port}/admin-api"
        http = loopback(proxy.port, idle_seconds=2.0, deadline_seconds=2.0)
        retry = RETRY_POLICIES["vendure"]._replace(settle_seconds=2.0)
        with http, VendureClient(url, shop.token, http=http, retry=retry) as cut:
            saved = VendureSink(cut, apply=True).save(product, OURS)
    assert saved.status == "written"
    [again] = save(shop, [p for p in read(shop) if p.id == key], seo=None)
    assert again.status == "unchanged"
    assert len(shop.changes()) == before + 1


def test_an_api_key_opens_it_and_one_that_is_wrong_does_not(shop: Shop) -> None:
    create = Document(
        "CreateKey",
        """mutation CreateKey($input: CreateApiKeyInput!) {
          createApiKey(input: $input) { apiKey }
        }""",
    )
    names = [{"languageCode": "en", "name": "productdesc"}]
    with client(shop) as admin:
        made = admin.mutate(create, input={"roleIds": ["1"], "translations": names})
    assert isinstance(made, Answered), made
    key = made.data["createApiKey"]["apiKey"]
    with client(shop, token=key) as by_key:
        assert by_key.settings().languages == ("en", "de")
    other = f"{key.partition(':')[0]}:{'0' * 64}"
    with client(shop, token=other) as wrong, pytest.raises(CatalogError) as raised:
        wrong.settings()
    assert "FORBIDDEN" in str(raised.value) and other not in str(raised.value)


def test_the_command_line_reads_it_and_its_photos(shop: Shop) -> None:
    command = [sys.executable, "-m", "productdesc", "inspect", f"vendure:{shop.url}"]
    run = subprocess.run(
        [*command, "--allow-host", shop.origin],
        env={**os.environ, "PRODUCTDESC_VENDURE_TOKEN": shop.token},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert str(PRODUCTS) in run.stdout and shop.token not in run.stdout + run.stderr
