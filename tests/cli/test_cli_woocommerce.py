"""`productdesc convert` to a WooCommerce shop: the role of the key, and SEO plugins."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from productdesc.catalogs import OpenOptions, Secret, open_sink, open_source
from productdesc.catalogs.woocommerce.csv_file.sink import WooCommerceCsvSink
from productdesc.catalogs.woocommerce.rest import RANK_MATH, YOAST, WooCommerceSink
from productdesc.cli import main

KEYS = (Secret("ck_1"), Secret("cs_1"))


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        code = main([str(a) for a in arguments])
    except SystemExit as e:
        code = int(e.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_the_options_of_a_shop_reach_its_sink() -> None:
    options = OpenOptions(
        secrets=KEYS, role="administrator", accept_cleaning=True, seo="yoast"
    )
    sink = open_sink("https://shop.example", "woocommerce", options)
    assert isinstance(sink, WooCommerceSink)
    assert (sink.role, sink.accept_cleaning, sink.seo) == ("administrator", True, YOAST)
    plain = open_sink("https://shop.example", "woocommerce", OpenOptions(secrets=KEYS))
    assert isinstance(plain, WooCommerceSink)
    assert (plain.role, plain.accept_cleaning, plain.seo) == ("shop_manager", False, None)


def test_an_seo_plugin_goes_by_its_name() -> None:
    options = OpenOptions(secrets=KEYS, seo="rank-math")
    source = open_source("https://shop.example", "woocommerce", options)
    assert vars(source)["_seo"] == RANK_MATH
    wrong = OpenOptions(secrets=KEYS, seo="yoas")
    with pytest.raises(ValueError, match=r"'yoas'.*yoast, rank-math"):
        open_sink("https://shop.example", "woocommerce", wrong)


def test_the_role_of_who_imports_reaches_the_file_of_changes(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_text("ID,Type,SKU,Name,Short description,Description\n7,simple,a,A,,\n")
    for role, out in (("administrator", "a.csv"), ("nobody", "b.csv")):
        options = OpenOptions(source_path=export, role=role)  # type: ignore[arg-type]
        if role == "nobody":
            with pytest.raises(ValueError, match="nobody"):
                open_sink(str(tmp_path / out), "woocommerce-csv-changes", options)
        else:
            sink = open_sink(str(tmp_path / out), "woocommerce-csv-changes", options)
            assert isinstance(sink, WooCommerceCsvSink)


@pytest.mark.parametrize(
    "options", [["--role", "administrator"], ["--accept-cleaning"], ["--seo", "yoast"]]
)
def test_options_of_woocommerce_are_wrong_use_elsewhere(
    capsys: pytest.CaptureFixture[str], root: Path, tmp_path: Path, options: list[str]
) -> None:
    export = root / "examples/shop-export.csv"
    code, _, err = run(capsys, "convert", export, tmp_path / "new.csv", *options)
    assert code == 2 and f"{options[0]} is for WooCommerce" in err
    assert not (tmp_path / "new.csv").exists()


@pytest.mark.parametrize("options", [["--role", "admin"], ["--seo", "other"]])
def test_a_role_or_plugin_that_is_not_known_is_wrong_use(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, options: list[str]
) -> None:
    place = "https://shop.example"
    code, _, err = run(capsys, "convert", place, place, *options)
    assert code == 2 and "invalid choice" in err


def test_a_woocommerce_file_may_be_converted_by_role(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    export, out = tmp_path / "export.csv", tmp_path / "import.csv"
    export.write_text("ID,Type,SKU,Name,Short description,Description\n7,simple,a,A,,x\n")
    code, _, _ = run(
        capsys, "convert", export, out, "--as-is", "--role", "administrator",
        "--to", "woocommerce-csv-changes",
    )  # fmt: skip
    assert code == 0
    assert next(csv.reader(out.open(encoding="utf-8")))[:2] == ["ID", "SKU"]
