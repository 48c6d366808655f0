"""A job in several languages from the command line: described, approved, published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doubles.publishing.small_shops import KEY, PERSON, VendureShop, WooShop

from productdesc import sync
from productdesc.cli import main

PHOTO = Path(__file__).parents[3] / "examples" / "striped-shoe.jpg"


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[VendureShop]:
    monkeypatch.setenv("PRODUCTDESC_VENDURE_TOKEN", KEY)
    with VendureShop(3) as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "job.db"


@pytest.fixture
def command(path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `sync VERB ...`; gives exit code, standard output and standard error."""

    def run(verb: str, *more: str, host: str = "") -> tuple[int, str, str]:
        given = ["sync", verb, *more, "--journal", str(path)]
        code = main([*given, "--allow-host", host] if host else given)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def host(shop: VendureShop) -> str:
    return str(shop.server.url).removesuffix("/admin-api")


def listed(tmp_path: Path, count: int = 2) -> Path:
    """A catalogue of so many products, which have a title and no more."""
    place = tmp_path / "in.jsonl"
    lines = [{"id": f"A{n}", "title": f"Canvas mug {n}"} for n in range(count)]
    place.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return place


def states(path: Path, language: str) -> dict[str, int]:
    with sync.Journal(path) as journal:
        found = sync.job_status(journal, language=language).states
    return {state: number for state, number in found.items() if number}


def test_a_shop_is_described_published_and_taken_back_in_two_languages(
    shop: VendureShop, path: Path, command: Any
) -> None:
    first = shop.texts()
    place = f"vendure:{shop.server.url}"
    how = ("--languages", "de,en", "--no-previews", "--inferred", "all")
    code, out, err = command("run", place, *how, host=host(shop))
    assert code == 0, err
    assert "vendure in en: 3 products: 3 generated" in out
    assert "vendure in de: 3 products: 3 generated" in out
    code, out, _ = command("approve", "--where", "state:generated")
    assert (code, out.splitlines()) == (0, [
        "vendure in de: 3 drafts approved; 3 wait for `sync publish` or `export`",
        "vendure in en: 3 drafts approved; 3 wait for `sync publish` or `export`",
    ])  # fmt: skip
    shop.edit("2")
    code, out, err = command("publish", "--apply", "--json", host=host(shop))
    assert code == 1, err  # for the drift
    lines = [json.loads(line) for line in out.splitlines()]
    sums = [line for line in lines if "states" in line]
    assert [one["language"] for one in sums] == ["en", "de"], "the shop's own comes first"
    assert [one["states"] for one in sums] == [{"done": 2, "drift": 1}, {"done": 3}]
    assert {(one["language"], one["product_id"]) for one in lines if "edits" in one} == {
        (language, key) for language in ("en", "de") for key in ("1", "2", "3")
    }
    assert shop.state.texts("1", "de")["description"]
    assert shop.state.texts("2")["description"] == PERSON
    code, out, err = command("run", place, *how, host=host(shop))
    assert code == 0, err
    assert states(path, "en")["done"] == 2
    since = ("--since", "2020-01-01", "--apply")
    code, out, err = command("undo", *since, "--language", "de", host=host(shop))
    assert (code, "3 undone" in out) == (0, True), err
    code, out, err = command("undo", *since, host=host(shop))
    assert (code, "in de: nothing to do" in out, "in en: 2 undone" in out) == (
        0, True, True,
    ), err  # fmt: skip
    shop.state.texts("2")["description"] = ""
    assert shop.texts() == first


def test_a_language_that_a_shop_has_not_is_said_before_anything_is_described(
    shop: VendureShop, path: Path, command: Any
) -> None:
    place = f"vendure:{shop.server.url}"
    code, _, err = command("run", place, "--languages", "en,fr", host=host(shop))
    assert code == 3
    assert "the shop has no language 'fr'; it has: en, de; add it to the shop" in err
    assert not path.exists()


def test_a_shop_of_one_language_is_said_before_anything_is_described(
    path: Path, command: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRODUCTDESC_WOOCOMMERCE_KEY", KEY)
    monkeypatch.setenv("PRODUCTDESC_WOOCOMMERCE_SECRET", "cs_0123456789")
    with WooShop(1) as shop:
        place = f"http://127.0.0.1:{shop.server.port}"
        how = ("--from", "woocommerce", "--languages", "en,de")
        code, _, err = command("run", place, *how, host=place)
        assert code == 2, err
        assert "a shop of woocommerce holds copy in one language" in err
    assert not path.exists()


def test_a_file_takes_one_language_and_says_so(
    tmp_path: Path, path: Path, command: Any
) -> None:
    place = str(listed(tmp_path))
    code, out, err = command("run", place, "--languages", "en,de", "--json")
    assert code == 0, err
    lines = [json.loads(line) for line in out.splitlines()]
    assert {(one["product_id"], one["language"]) for one in lines if "reason" in one} == {
        (key, language) for key in ("A0", "A1") for language in ("en", "de")
    }
    assert [one["job"]["language"] for one in lines if "job" in one] == ["en", "de"]
    code, _, err = command("export", str(tmp_path / "out.jsonl"))
    assert code == 2
    assert "a file takes one language; name it with --language; there are: de, en" in err
    for language in ("en", "de"):
        out_file = tmp_path / f"{language}.jsonl"
        code, _, err = command("export", str(out_file), "--language", language)
        assert code == 0, err
        written = [json.loads(line) for line in out_file.read_text("utf-8").splitlines()]
        assert {one["language"] for one in written} == {language}
    code, out, _ = command("status")
    assert code == 0
    assert "plain in de: 2 products" in out
    assert "plain in en: 2 products" in out


def test_retry_remembers_the_languages(tmp_path: Path, path: Path, command: Any) -> None:
    place = listed(tmp_path)
    photo = tmp_path / "shoe.jpg"
    photo.write_bytes(b"no photo yet")
    line = {"id": "A9", "title": "Canvas mug", "photos": [photo.name]}
    place.write_text(place.read_text() + json.dumps(line) + "\n")
    how = ("--languages", "en,de", "--photos-folder", str(tmp_path))
    code, _, err = command("run", str(place), *how)
    assert code == 1
    assert "2 rows (products by languages) failed; try them again" in err
    assert "A9 in de: " in err
    photo.write_bytes(PHOTO.read_bytes())
    code, _, err = command("retry", "--language", "de")
    assert code == 0, err
    assert states(path, "de") == {"generated": 3}
    assert states(path, "en") == {"generated": 2, "dead": 1}
    code, _, err = command("retry")
    assert code == 0, err
    assert states(path, "en") == {"generated": 3}


def test_one_product_is_described_in_several_languages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ["describe", "--title", "Canvas mug", "--languages", "en,de,fr"]
    assert main([*given, "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["language"] for line in lines] == ["en", "de", "fr"]
    assert main(given) == 0
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("in ")] == [
        "in en", "in de", "in fr",
    ]  # fmt: skip
    assert main([*given, "--html"]) == 2
    assert "--html shows one language" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("--languages", "en,xx"), "language 'xx' is not known"),
        (("--languages", "en,en"), "names one twice"),
    ],
)
def test_a_wrong_list_is_wrong_use(
    given: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["describe", "--title", "Mug", *given]) == 2
    assert why in capsys.readouterr().err


def test_either_one_language_or_a_list_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["describe", "--title", "Mug", "--languages", "en", "--language", "de"])
    assert ended.value.code == 2
    assert "--language: not allowed with argument --languages" in capsys.readouterr().err
