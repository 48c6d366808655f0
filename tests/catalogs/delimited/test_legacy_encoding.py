"""Text in an old encoding: said with the cure, and silence where cp1252 is right."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from doubles.processor_time import MAX_RATIO, growth
from doubles.product_texts import LEGACY, TEXTS, WESTERN

from productdesc.catalogs import OpenOptions, open_source
from productdesc.catalogs.delimited.legacy_encoding import cp1252_doubt
from productdesc.catalogs.delimited.table import open_table
from productdesc.errors import CatalogError
from productdesc.words.catalog_words import encoding_words

FAULTS = Path(__file__).parents[2] / "data" / "faults"
SAME_NAME = {"gbk": "gb18030", "iso8859-2": "iso8859-2"}


def table(texts: tuple[tuple[str, str], ...]) -> str:
    rows = (f'J{n},{title},"{text}"\n' for n, (title, text) in enumerate(texts))
    return "sku,name,description\n" + "".join(rows)


def doubt(raw: bytes) -> str:
    return " ".join(map(str, cp1252_doubt(io.BytesIO(raw))))


@pytest.mark.parametrize("language", WESTERN)
def test_western_text_is_read_without_a_word(language: str) -> None:
    for texts in (TEXTS[language], *((text,) for text in TEXTS[language])):
        raw = table(texts).replace("’", "'").encode("cp1252")
        assert not doubt(raw), (language, texts)


@pytest.mark.parametrize(
    ("encoding", "language"), [(e, one) for e, many in LEGACY.items() for one in many]
)
def test_text_of_another_code_page_is_said_with_its_name(
    encoding: str, language: str
) -> None:
    texts = TEXTS[language]
    raw = table(texts).encode(encoding, "ignore")
    said = doubt(raw)
    name = SAME_NAME.get(encoding, encoding)
    # Latin-2 and cp1250 share most letters
    assert f"--encoding {name} " in said or (
        encoding == "iso8859-2" and "--encoding cp1250 " in said
    )
    right = said.rpartition("it says ")[2].strip("'")
    assert right and right.casefold() in table(texts).casefold()


@pytest.mark.parametrize(
    "encoding",
    ["cp1250", "cp1251", "shift_jis", "gbk", "euc-kr", "mac-roman", "koi8-r", "euc-jp"],
)
def test_a_title_alone_is_enough(encoding: str) -> None:
    """Of a file with one product and no description, in every language."""
    for language in LEGACY[encoding]:
        for title, _ in TEXTS[language]:
            raw = f"sku,name\nJ1,{title}\n".encode(encoding)
            if raw.decode("cp1252", "replace") != f"sku,name\nJ1,{title}\n":
                assert doubt(raw), (language, title)


def test_the_line_is_named_and_the_cure_cures(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(("Handle;Title;Body (HTML)\njug;Jug;\n" + "dzban;Dzban ręczny;\n")
                     .encode("cp1250"))  # fmt: skip
    with open_source(path) as source:
        assert [p.title for p in source.products()] == ["Jug", "Dzban rêczny"]
        [problem] = source.problems
        assert [p.title for p in source.products()] == ["Jug", "Dzban rêczny"]
        assert len(source.problems) == 1  # once a reading
    assert problem.line == 3 and "'rêczny'" in problem.message
    assert "--encoding cp1250" in problem.message and "'ręczny'" in problem.message
    with open_source(path, "", OpenOptions(encoding="cp1250")) as source:
        assert [p.title for p in source.products()] == ["Jug", "Dzban ręczny"]
        assert not list(source.problems)


@pytest.mark.parametrize(
    "header",
    [
        "sku,name,description",
        "Handle,Title,Body (HTML)",
        "ID,Type,SKU,Name,Published,Description",
        "sku,product_type,attribute_set_code,name",
        "id,title,availability",
    ],
)
def test_every_reader_of_tables_says_it_once(tmp_path: Path, header: str) -> None:
    path = tmp_path / "export.csv"
    row = ",".join(["1", *["帽子"] * header.count(",")])
    path.write_bytes(f"{header}\n{row}\n".encode("shift_jis"))
    with open_source(path) as source:
        list(source.products())
        assert ["shift_jis" in str(p) for p in source.problems].count(True) == 1


def test_the_export_of_the_faults_is_said() -> None:
    with open_source(FAULTS / "o24_shift_jis.csv") as source:
        list(source.products())
        [problem] = source.problems
    assert "--encoding shift_jis" in problem.message and "帽子" in problem.message


def test_an_error_that_comes_of_it_names_the_cure_too(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    text = "Фото,Цвет\n" + "красивый кувшин,синий\n" * 2
    path.write_bytes(text.encode("cp1251"))
    with pytest.raises(CatalogError, match=r"no column looks like an id.*cp1251"):
        list(open_source(path, "csv").products())


@pytest.mark.parametrize(
    "text",
    [
        "20 cm² groß, 5 m³, Ø 9 cm, ½ l, 10×20 cm, 30°C, 12 €, £9.99, §3, 100 % – „neu“",
        "Nike® Shoe™ © 2026 – don’t worry, it’s 5½″ wide… “soft” • light · warm",
        "L’été à Paris, c’est l’idéal: œuvre d’art, cœur, naïf; 1º piso, nº 3",
        "¿Qué tamaño? ¡Más diseño para niños! Hecho con algodón de España",
        "BLAUE SCHÜSSEL, GRÖSSE XL, STRAßE, ÄRMEL, Öl, Übergröße, Müller & Söhne",
        "O´Neill Jacke, rock’n’roll, Ü-Ei, «brodé», A–Z, 10–20, S–XL",
    ],
)
def test_marks_that_western_shops_write_are_no_sign(text: str) -> None:
    raw = f"sku,name\nJ1,{text}\n".encode("cp1252", "ignore")
    assert not doubt(raw)


def test_a_few_foreign_names_in_much_text_are_no_sign() -> None:
    words = [f"Schüssel{chr(97 + n % 26)}{chr(97 + n // 26)}größe" for n in range(300)]
    rows = [f"J{n},{word} aus Ton" for n, word in enumerate(words)]
    rows[7] = "J7,Vase von Håkansson"
    assert not doubt("\n".join(["sku,name", *rows]).encode("cp1252"))
    assert doubt("\n".join(["sku,name", "J7,Vase von Håkansson"]).encode("cp1252"))


@pytest.mark.parametrize("unit", ["é", "ä" * 40 + " ", "…", "–a", "e–", "’n", "é\n", "x²"])
def test_a_long_text_is_looked_at_in_linear_time(unit: str) -> None:
    run = lambda size: doubt((unit * size).encode("cp1252"))  # noqa: E731
    assert growth(run, most=150_000 // len(unit)) < MAX_RATIO


def test_other_encodings_are_not_doubted(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_bytes(table(TEXTS["pl"]).encode(encoding))
        assert not open_table(path).notes
    path.write_bytes(table(TEXTS["pl"]).encode("cp1250"))
    assert not open_table(path, encoding="cp1252").notes  # who says it knows it


def test_the_table_of_encodings_holds_names_that_python_has() -> None:
    words = encoding_words()
    for one in words.legacy:
        "abc".encode(one.name)
        assert one.alphabets and all(one.alphabets)
    assert words.own and all(not word.isascii() for word in words.own)
    assert all(word.encode("cp1252") for word in (*words.own, *words.languages))
    assert {"fr", "es", "it", "pt", "sv", "da", "nl", "ca"} == set(words.letters)
