"""`--allow-host`, `--ca` and `--insecure`: a staging shop, a server and photos at home."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from doubles.loopback import Loopback, reply, says
from doubles.shop_servers.woocommerce_server import Server, Shop
from doubles.shops.live.woocommerce import KEY, SECRET

from productdesc.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(a) for a in arguments])
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCTDESC_WOOCOMMERCE_KEY", KEY)
    monkeypatch.setenv("PRODUCTDESC_WOOCOMMERCE_SECRET", SECRET)
    monkeypatch.setenv("PRODUCTDESC_SHOPIFY_TOKEN", "shpat_1")


@pytest.fixture
def photo(root: Path) -> bytes:
    return (root / "examples/striped-shoe.jpg").read_bytes()


@pytest.fixture
def photos(photo: bytes) -> Iterator[Loopback]:
    with Loopback(says(reply(photo, "200 OK", "Content-Type: image/jpeg"))) as server:
        yield server


@pytest.fixture
def shop(photos: Loopback) -> Iterator[str]:
    """The address of a shop over plain http, with a photo on another port."""
    state = Shop(KEY, SECRET)
    state.add(5, name="Canvas shoe", images=[(71, f"{at(photos)}/a.png", "")])
    with Server(state) as server:
        yield f"http://127.0.0.1:{server.port}"


def at(server: Loopback) -> str:
    return f"http://127.0.0.1:{server.port}"


@pytest.mark.parametrize("command", ["convert", "inspect", "describe"])
@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("shop.test", "is not SCHEME://NAME[:PORT]"),
        ("http://shop.test/wp-json", "without a path"),
        ("http://a:secret@shop.test", "without a user name or password"),
        ("http://*.test", "is a pattern"),
        ("http://169.254.169.254", "cloud metadata"),
    ],
)
def test_what_names_no_host_is_wrong_use(
    capsys: pytest.CaptureFixture[str], command: str, host: str, says: str
) -> None:
    code, out, err = run(capsys, command, "x.csv", "--allow-host", host)
    [line, hint] = err.splitlines()
    assert code == 2 and says in line and "--allow-host" in line and out == ""
    assert "secret" not in err and hint.startswith("try: ")


def test_a_file_of_certificates_is_looked_at_first(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for command in (["inspect", "x.csv"], ["convert", "x.csv", "y.csv"], ["describe", "x"]):
        for name, message in (("ca.pem", "holds no PEM"), ("none.pem", "no such file")):
            code, _, err = run(capsys, *command, "--ca", tmp_path / name)
            assert code == 2 and message in err and len(err.splitlines()) == 1


def test_a_shop_on_this_machine_is_inspected_and_converted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, shop: str, photos: Loopback
) -> None:
    code, _, err = run(capsys, "inspect", shop)
    assert code == 3 and f"--allow-host {shop}" in err

    code, out, _ = run(capsys, "inspect", shop, "--allow-host", shop, "--json")
    assert code == 0
    assert (json.loads(out)["products"], json.loads(out)["photos"]) == (1, 0)
    both = ["--allow-host", shop, "--allow-host", at(photos)]
    code, out, _ = run(capsys, "inspect", shop, *both, "--json")
    assert json.loads(out)["photos"] == 1

    code, _, err = run(capsys, "convert", shop, tmp_path / "a.jsonl", *both)
    assert code == 0, err
    [line] = (tmp_path / "a.jsonl").read_text().splitlines()
    assert json.loads(line)["product_id"] == "5"
    assert [head.split()[1] for head in photos.requests] == ["/a.png"]


FILES = {
    "a.csv": "sku,title,image\n1,Canvas shoe,{url}\n",
    "shopify.csv": "Handle,Title,Body (HTML),Image Src\na,Canvas shoe,,{url}\n",
    "woo.csv": "ID,Type,SKU,Name,Description,Images\n1,simple,a,Shoe,,{url}\n",
    "feed.tsv": "id\ttitle\tavailability\timage_link\n1\tShoe\tin stock\t{url}\n",
    "magento.csv": "sku,product_type,attribute_set_code,base_image\n1,simple,D,{url}\n",
    "a.jsonl": '{{"id": "1", "title": "Shoe", "photos": ["{url}"]}}\n',
}


@pytest.mark.parametrize("name", FILES)
def test_http_photos_of_a_file_are_taken_from_an_allowed_host_only(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    """Of a list too: what is at the host stays, and what is not is a problem."""
    file = tmp_path / name
    file.write_text(FILES[name].format(url="http://127.0.0.1:8080/a%20b.png?v=1"))
    for options, count, problems in (
        ([], 0, 1),
        (["--allow-host", "http://127.0.0.1:8080"], 1, 0),
        (["--allow-host", "http://127.0.0.1:8081"], 0, 1),
        (["--allow-host", "https://127.0.0.1:8080"], 0, 1),
        (["--allow-host", "http://localhost:8080"], 0, 1),
    ):
        code, out, _ = run(capsys, "inspect", file, "--json", *options)
        told = json.loads(out)
        assert (code, told["photos"], told["problems"]) == (0, count, problems)
        if problems:
            assert "--allow-host" in told["problems_kept"][0]["message"]


def test_a_shopify_file_keeps_its_alt_texts_beside_the_photos_of_an_allowed_host(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, photos: Loopback
) -> None:
    """Reader and writer see the same photos, so that a text lands beside its own."""
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(
        "Handle,Title,Body (HTML),Image Src,Image Position,Image Alt Text\n"
        f"a,Canvas shoe,<p>x</p>,{at(photos)}/a.png,1,\n"
        f"a,,,{at(photos)}/b.png,2,\n"
    )
    allow = ["--allow-host", at(photos), "--fields", "alt_texts"]
    code, _, err = run(capsys, "convert", file, out, *allow)
    assert code == 0, err
    rows = out.read_text().splitlines()
    assert all(row.split(",")[-1] for row in rows[1:]) and len(rows) == 3
    assert len(photos.requests) == 2


def test_a_photo_is_described_from_an_allowed_host_only(
    capsys: pytest.CaptureFixture[str], photos: Loopback
) -> None:
    url = f"{at(photos)}/shoe.png"
    code, _, err = run(capsys, "describe", url)
    assert code == 1 and "is not https; --allow-host" in err
    code, out, err = run(capsys, "describe", url, "--allow-host", at(photos), "--json")
    assert code == 0, err
    assert json.loads(out)["product_id"] == url


def test_keys_go_over_http_to_this_machine_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = "http://192.168.255.254:9"
    code, _, err = run(capsys, "inspect", place, "--allow-host", place)
    assert code == 3 and "--insecure" in err and "https://" in err
    assert len(err.splitlines()) == 1 and KEY not in err and SECRET not in err


def test_a_servers_key_goes_over_http_to_this_machine_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    monkeypatch.setenv("PRODUCTDESC_SERVER_KEY", "sk-1")
    server = "http://192.168.255.254:9/v1"
    shoe = root / "examples/striped-shoe.jpg"
    code, _, err = run(capsys, "describe", shoe, "--model", server)
    assert code == 3 and "--insecure" in err and "sk-1" not in err


def test_certificates_of_ones_own_are_trusted_for_shop_server_and_photos(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, photo: bytes, root: Path
) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    state = Shop(KEY, SECRET)
    shoe = root / "examples/striped-shoe.jpg"

    def tried(*arguments: object) -> tuple[int, str, str]:
        code, _, err = run(capsys, *arguments)
        assert code == (1 if arguments[1:3] == (image, "--allow-host") else 3)
        assert "its certificate is not valid" in err and "--ca FILE" in err
        return run(capsys, *arguments, "--ca", ca)

    with (
        Server(state, tls=tls) as server,
        Loopback(says(reply(photo)), tls=tls) as pictures,
    ):
        image = f"https://localhost:{pictures.port}/a.png"
        place = f"https://localhost:{server.port}"
        state.add(5, name="Canvas shoe", images=[(71, image, "")])
        code, out, err = tried("inspect", place, "--allow-host", place, "--json")
        assert code == 0 and json.loads(out)["photos"] == 1, err
        host = f"https://localhost:{pictures.port}"
        code, _, err = tried("describe", image, "--allow-host", host)
        assert code == 0, err
        code, _, err = tried("describe", shoe, "--model", place)
        assert code == 3 and "certificate" not in err  # it is no model's server


def test_a_shops_address_copied_from_the_browser_is_put_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for place in (
        "https://my-shop.myshopify.com",
        "https://my-shop.myshopify.com/admin/products",
        "https://admin.shopify.com/store/my-shop/products",
    ):
        code, _, err = run(capsys, "inspect", place)
        assert code == 2 and "without https:// and path: my-shop.myshopify.com" in err


def test_help_says_what_the_options_let_through(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("convert", "inspect", "describe"):
        _, out, _ = run(capsys, command, "--help")
        for option in ("--allow-host SCHEME://NAME[:PORT]", "--ca FILE", "--insecure"):
            assert option in out
