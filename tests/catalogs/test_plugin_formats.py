"""An installed package adds a format: found by name, and a broken one is one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from doubles.plugin_wheel import install, python

MODULE = '''
"""A shop's list: "id;title" a line, read and written."""
from productdesc.catalogs import Edit, Format, Problems, Saved
from productdesc.records import Product


class AcmeSource:
    def __init__(self, path):
        self.path, self.problems = path, Problems()

    def products(self):
        for line in open(self.path, encoding="utf-8"):
            key, _, title = line.strip().partition(";")
            yield Product(id=key, title=title)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


class AcmeSink(AcmeSource):
    def __enter__(self):
        self.file = open(self.path, "w", encoding="utf-8")
        return self

    def save(self, product, description):
        self.file.write(f"{product.id};{description.title}\\n")
        return Saved(product.id, "written", (Edit("title", "", description.title),))

    def __exit__(self, *error):
        self.file.close()


FORMAT = Format(
    "Acme's list",
    "plain",
    open_source=lambda path, options: AcmeSource(path),
    open_sink=lambda path, options: AcmeSink(path),
)
NO_FORMAT = {"label": "Acme"}
'''
ENTRY_POINTS = """\
[productdesc.catalogs]
acme-list = acme_shop:FORMAT
csv = acme_shop:NO_FORMAT
acme-wrong = acme_shop:NO_FORMAT
acme-gone = acme_shop:NOWHERE
acme-broken = acme_broken:FORMAT
"""
OPEN = """
import sys
from productdesc.catalogs import open_source
try:
    with open_source(sys.argv[1], sys.argv[2]) as source:
        print([(p.id, p.title) for p in source.products()])
except Exception as e:
    print(type(e).__name__, e)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("plugins") / "site"
    modules = {"acme_shop": MODULE, "acme_broken": 'raise RuntimeError("no\\nlicence")'}
    install(site, "acme", modules, ENTRY_POINTS)
    return site


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "list.acme"
    place.write_text("a1;Trail shoe\na2;Rain hat\n", encoding="utf-8")
    return place


def opened(site: Path, place: Path, format: str) -> str:
    ran = python(site, "-c", OPEN, str(place), format)
    assert not ran.returncode, ran.stderr
    return ran.stdout.strip()


def test_a_format_of_an_installed_package_is_opened_by_its_name(
    site: Path, place: Path
) -> None:
    assert opened(site, place, "acme-list") == "[('a1', 'Trail shoe'), ('a2', 'Rain hat')]"


def test_the_command_line_reads_and_writes_it(
    site: Path, place: Path, tmp_path: Path
) -> None:
    command = ("-m", "productdesc")
    ran = python(site, *command, "inspect", str(place), "--from", "acme-list")
    assert not ran.returncode, ran.stderr
    assert "Acme's list (acme-list)" in ran.stdout and "2 products" in ran.stdout
    out = tmp_path / "out.acme"
    formats = ("--from", "acme-list", "--to", "acme-list", "--as-is")
    ran = python(site, *command, "convert", str(place), str(out), *formats)
    assert not ran.returncode, ran.stderr
    assert "2 written" in ran.stdout
    assert out.read_bytes() == place.read_bytes()


def test_a_built_in_name_is_never_looked_up(site: Path, place: Path) -> None:
    place.write_text("SKU,Name\na1,Trail shoe\n", encoding="utf-8")
    assert opened(site, place, "csv") == "[('a1', 'Trail shoe')]"
    probe = f"{OPEN}print('acme_shop' in sys.modules)"
    ran = python(site, "-c", probe, str(place), "csv")
    assert ran.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize(
    ("format", "reason"),
    [
        ("acme-wrong", "is a dict (acme_shop:NO_FORMAT), not a productdesc.catalogs."),
        ("acme-gone", "cannot be loaded: AttributeError: "),
        ("acme-broken", "cannot be loaded: RuntimeError: no licence; update or uninstall"),
    ],
)
def test_a_broken_plug_in_is_one_line(
    site: Path, place: Path, format: str, reason: str
) -> None:
    said = opened(site, place, format)
    assert said.startswith(
        f"CatalogError plug-in {format!r} (productdesc.catalogs) of package acme {reason}"
    )
    assert "\n" not in said
    ran = python(site, "-m", "productdesc", "inspect", str(place), "--from", format)
    assert ran.returncode == 3 and len(ran.stderr.splitlines()) == 1
    assert reason in ran.stderr


def test_two_packages_with_one_name_are_named(place: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    for name in ("acme", "zenith"):
        entry_points = f"[productdesc.catalogs]\nlist = {name}_shop:FORMAT\n"
        install(site, name, {f"{name}_shop": MODULE}, entry_points)
    said = opened(site, place, "list")
    assert said.endswith("is offered by the packages acme, zenith; uninstall all but one")


def test_an_unknown_name_is_told_with_all_that_there_are(site: Path, place: Path) -> None:
    said = opened(site, place, "acme-lisst")
    assert said.startswith(
        "ValueError format 'acme-lisst' is not known; known are: shopify"
    )
    expected = "json-ld, acme-broken, acme-gone, acme-list, acme-wrong; did you mean "
    assert said.endswith(f"{expected}'acme-list'?")
