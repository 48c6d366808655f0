"""What a table's columns are taken for, by their names in many languages, and by values."""

from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from productdesc.catalogs.tables.columns import MANY, ONE, SECOND, map_columns
from productdesc.catalogs.tables.csv_table import TableSource
from productdesc.catalogs.tables.parquet import ParquetSource
from productdesc.words.catalog_words import column_names, key_of

FAULTS = Path(__file__).parents[2] / "data" / "faults"

LANGUAGES = [code for code in column_names() if code != "other"]
ROLES = [
    "id",
    "title",
    "description",
    "photos",
    "category",
    "attribute",
    "tags",
    "ignored",
    "ignored",
]

# A shop's table in each language, in ROLES' order: an id, a title, a text, photos, a
# category, an attribute, tags, a price, a stock; as people write them in spreadsheets
HEADERS = {
    "en": [
        "SKU|Product Name|Description|Image URL|Category|Color|Tags|Price|Stock",
        "product_id|productTitle|LONG_DESCRIPTION|images|Product category|Brand|keywords"
        "|Sale Price (USD)|Qty",
    ],
    "de": [
        "Artikelnummer|Bezeichnung|Beschreibung|Bilder|Kategorie|Farbe|Schlagwörter"
        "|Preis|Bestand",
        "Art.-Nr.|Artikelbezeichnung|Langtext|Bild-URL|Warengruppe|Größe|Stichwoerter"
        "|Bruttopreis|Lagerbestand",
    ],
    "fr": [
        "Référence|Titre|Descriptif|Images|Catégorie|Couleur|Étiquettes|Prix|Quantité",
        "REF|Nom du produit|Description longue|URL image|Rayon|Matière|Mots-clés"
        "|Prix de vente TTC|Stock",
    ],
    "es": [
        "Código|Nombre|Descripción|Imágenes|Categoría|Talla|Etiquetas|Precio|Existencias",
        "Referencia|Título del producto|Descripcion larga|Imagen 1|Familia|Material"
        "|Palabras clave|Precio con IVA|Cantidad",
    ],
    "it": [
        "Codice|Nome|Descrizione|Immagini|Categoria|Colore|Tag|Prezzo|Giacenza",
        "Cod. articolo|Titolo prodotto|Testo|Immagine principale|Reparto|Taglia"
        "|Parole chiave|Prezzo scontato|Magazzino",
    ],
    "nl": [
        "Artikelnummer|Naam|Omschrijving|Afbeeldingen|Categorie|Kleur|Tags|Prijs|Voorraad",
        "Productcode|Productnaam|Lange omschrijving|Afbeelding|Productgroep|Maat"
        "|Trefwoorden|Verkoopprijs excl. btw|Aantal",
    ],
    "pl": [
        "Indeks|Nazwa|Opis|Zdjęcie|Kategoria|Kolor|Tagi|Cena brutto|Ilość",
        "Kod produktu|Tytuł|Opis produktu|Zdjecia|Grupa towarowa|Marka|Słowa kluczowe"
        "|Cena netto (PLN)|Stan magazynowy",
    ],
    "cs": [
        "Kód|Název|Popis|Obrázky|Kategorie|Barva|Štítky|Cena|Skladem",
        "Katalogové číslo|Nazev zbozi|Podrobný popis|Fotky|Skupina zboží|Výrobce"
        "|Klíčová slova|Cena s DPH|Množství",
    ],
    "sk": [
        "Kód tovaru|Názov|Popis|Obrázky|Kategória|Farba|Štítky|Cena|Na sklade",
        "Katalógové číslo|Nazov produktu|Dlhý popis|Obrázok|Kategorie tovaru|Veľkosť"
        "|Kľúčové slová|Cena s DPH|Množstvo",
    ],
    "ru": [
        "Артикул|Наименование|Описание|Фото|Категория|Цвет|Теги|Цена|Остаток",
        "Код товара|Название товара|Полное описание|Ссылки на фото|Раздел|Бренд"
        "|Ключевые слова|Розничная цена, руб.|Наличие на складе",
    ],
    "uk": [
        "Артикул|Назва|Опис|Зображення|Категорія|Колір|Мітки|Ціна|Залишок",
        "Код товару|Назва товару|Повний опис|Посилання на фото|Розділ|Виробник"
        "|Ключові слова|Ціна, грн|Наявність",
    ],
    "pt": [
        "Referência|Nome|Descrição|Imagens|Categoria|Cor|Etiquetas|Preço|Estoque",
        "Codigo|Título do produto|Descricao longa|URL da imagem|Departamento|Tamanho"
        "|Palavras-chave|Preço de venda (R$)|Quantidade",
    ],
    "sv": [
        "Artikelnummer|Benämning|Beskrivning|Bilder|Kategori|Färg|Nyckelord|Pris"
        "|Lagersaldo",
        "Artnr|Produktnamn|Produktbeskrivning|Bildlänk|Varugrupp|Storlek|Taggar"
        "|Försäljningspris inkl. moms|Antal",
    ],
    "da": [
        "Varenummer|Varenavn|Beskrivelse|Billeder|Kategori|Farve|Søgeord|Pris|Lager",
        "Vare nr.|Titel|Lang beskrivelse|Billede-URL|Varegruppe|Størrelse|Nøgleord"
        "|Vejl. udsalgspris|Antal",
    ],
    "no": [
        "Varenummer|Produktnavn|Beskrivelse|Bilder|Kategori|Farge|Stikkord|Pris|Lager",
        "Varenr|Tittel|Lang beskrivelse|Bilde URL|Varegruppe|Størrelse|Søkeord"
        "|Utsalgspris inkl. mva|Antall",
    ],
    "tr": [
        "Ürün Kodu|Ürün Adı|Açıklama|Görseller|Kategori|Renk|Etiketler|Fiyat|Stok",
        "STOK KODU|BAŞLIK|URUN ACIKLAMASI|Resim 1|Ürün Grubu|Marka|Anahtar kelimeler"
        "|Satış Fiyatı (KDV dahil)|Adet",
    ],
    "vi": [
        "Mã sản phẩm|Tên sản phẩm|Mô tả|Hình ảnh|Danh mục|Màu sắc|Từ khóa|Giá bán|Tồn kho",
        "Mã hàng|Tiêu đề|Mô tả chi tiết|Link ảnh|Nhóm hàng|Thương hiệu|Thẻ"
        "|Giá khuyến mãi|Số lượng",
    ],
    "ja": [
        "商品コード|商品名|商品説明|商品画像|カテゴリ|カラー|タグ|販売価格|在庫数",
        "品番|タイトル|説明文|画像URL|ジャンル|ブランド名|キーワード|税込価格|在庫",
    ],
    "zh": [
        "商品编号|商品名称|商品描述|主图|分类|颜色|标签|售价|库存",
        "商品貨號|產品名稱|商品詳情|圖片網址|商品分類|顏色|關鍵字|建議售價|庫存數量",
        "货号|标题|详情|图片链接|类目|品牌|关键词|市场价|数量",
    ],
    "ar": [
        "رمز المنتج|اسم المنتج|الوصف|الصور|الفئة|اللون|الوسوم|السعر|المخزون",
        "كود المنتج|العنوان|وصف المنتج|رابط الصورة|القسم|الماركة|كلمات مفتاحية"
        "|سعر البيع|الكمية",
    ],
    "ko": [
        "상품코드|상품명|상품 설명|대표 이미지|카테고리|색상|태그|판매가|재고수량",
        "품번|제품명|상세설명|이미지 URL|상품분류|브랜드|검색어|소비자가격|재고",
    ],
}

# Headers of shops' and marketplaces' own table formats -> title, description, attributes
FORMATS = {
    "code;pairCode;name;description;defaultImage;image;categoryText;price"
    ";manufacturer;stock":
        ("name", "description", ["pairCode", "manufacturer"]),
    "Код_товара;Название_позиции;Поисковые_запросы;Описание;Тип_товара;Цена;Валюта"
    ";Единица_измерения;Ссылка_изображения;Наличие;Название_группы;Идентификатор_товара":
        ("Название_позиции", "Описание", ["Тип_товара"]),
    "商品番号;商品名;PC用商品説明文;商品画像パス1"
    ";商品画像名（ALT）1;販売価格;ジャンルID;ブランド名":
        ("商品名", "PC用商品説明文", ["ブランド名"]),
    "宝贝名称;宝贝类目;新旧程度;宝贝价格;宝贝数量;宝贝描述;商家编码;宝贝主图;宝贝卖点":
        ("宝贝名称", "宝贝描述", ["新旧程度"]),
    "상품코드;진열상태;상품명;상품 상세설명"
    ";검색어설정;판매가;공급가;이미지등록(상세);제조사":
        ("상품명", "상품 상세설명", ["제조사"]),
    "Barkod;Stok Kodu;Marka;Kategori;Para Birimi;Ürün Adı;Ürün Açıklaması"
    ";Piyasa Satış Fiyatı (KDV Dahil);Trendyol'da Satılacak Fiyat;Ürün Stok Adedi;Renk":
        ("Ürün Adı", "Ürün Açıklaması", ["Marka", "Renk"]),
    "Mã SP;Tên SP;Giá (VNĐ);Giá KM;Mô tả;Ảnh 1;Thương hiệu;Số lượng tồn"
    ";Trọng lượng (g)":
        ("Tên SP", "Mô tả", ["Thương hiệu", "Trọng lượng (g)"]),
    "رقم المنتج;اسم المنتج;السعر قبل الخصم;سعر المنتج;الكمية المتوفرة;وصف المنتج"
    ";صورة 1;الوزن":
        ("اسم المنتج", "وصف المنتج", ["الوزن"]),
    "Identyfikator;Nazwa produktu;Cena zakupu;Stan mag.;Opis HTML;URL zdjęcia 1;Waga [kg]":
        ("Nazwa produktu", "Opis HTML", ["Waga [kg]"]),
    "Artikelnr.;Artikel;VK brutto;EK netto;Lagerbest.;Beschreibung lang;Bild1;Hersteller":
        ("Artikel", "Beschreibung lang", ["Hersteller"]),
    "Cód. Interno;Produto;Preço Custo;Preço Venda;Estoque Atual;Descrição;Marca;NCM":
        ("Produto", "Descrição", ["Marca"]),
    "Título;Ref.;Precio sin IVA;P.V.P.;Uds.;Descripción HTML;Foto 1;Peso (kg)":
        ("Título", "Descripción HTML", ["Peso (kg)"]),
    "Наименование товара;Арт.;Опт. цена;РРЦ;Кол-во;Картинка;Полное описание;Состав":
        ("Наименование товара", "Полное описание", ["Состав"]),
}  # fmt: skip

PRICES = (
    """
Price|Unit price|RRP|Wholesale Price|price_gross|Preis|Verkaufspreis|Bruttopreis|UVP
Nettopreise|Prix|Prix HT|Tarif public|Precio|Precio unitario|PVP|Prezzo|Prezzo di listino
Prijs|Adviesprijs|Cena|Cena brutto|Cena netto|Ceny|Cena z VAT|Cena s DPH|Cena bez DPH
Běžná cena|Cenník|Цена|Цены|Цена, руб.|Розничная цена|Стоимость|Ціна|Ціни|Ціна з ПДВ
Вартість|Preço|Preço promocional|Valor|Pris|Försäljningspris|Udsalgspris|Kostpris
Veiledende pris|Fiyat|Satış fiyatı|Liste Fiyatı|Giá|Giá bán|Đơn giá|Giá niêm yết
価格|販売価格|定価|税抜価格|単価|价格|售价|市场价|成本价|價格|零售價|السعر|سعر التكلفة
가격|판매가|정가|할인가격|소비자가|Hinta|Ár|Preț|Cijena|Τιμή|Цени|מחיר|Harga|ราคา|قیمت
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

# Names that hold the letters of a word of trade, or that say how large something is
FACTS = (
    """
Surprise inside|Waga netto|Gewicht netto|Kapuze|Längd|Prismatic lens|Herkunft|Складной
Quốc gia|Country of origin|Složení|측정 방식|素材|Fit|Spielzeit|Neck line|Cut|Stoffart
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


def roles(header: list[str], *rows: list[str]) -> dict[str, str]:
    found = map_columns(header, rows)
    return dict(zip(header, found.roles, strict=True))


@pytest.mark.parametrize(
    ("language", "header"), [(code, h) for code, some in HEADERS.items() for h in some]
)
def test_a_table_in_this_language_is_understood(language: str, header: str) -> None:
    names = header.split("|")
    assert list(roles(names).values()) == ROLES, roles(names)


@pytest.mark.parametrize("header", FORMATS)
def test_the_headers_of_shop_systems_are_understood(header: str) -> None:
    title, text, attributes = FORMATS[header]
    found = map_columns(header.split(";"), []).by_role()
    assert (found["title"], found["description"]) == ([title], [text])
    assert found["attribute"] == attributes and "id" in found


def test_every_language_of_the_table_has_a_header_here() -> None:
    assert set(HEADERS) == set(LANGUAGES)
    rest = {*ONE, *MANY, *SECOND, "product", "trade", "measure"}
    for language in LANGUAGES:
        assert set(column_names()[language]) == rest, language


def test_a_word_means_one_thing_in_its_language() -> None:
    for language in LANGUAGES:
        row = column_names()[language]
        words = [
            key_of(word)
            for role, some in row.items()
            if role not in ("product", "trade", "measure")
            for word in some
        ]
        assert all(words), language
        assert [w for w, n in Counter(words).items() if n > 1] == [], language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_its_role_in_any_spelling(language: str) -> None:
    row = column_names()[language]
    # what tells the language where a word means other things in others
    context = [row["bullets"][0], row["category"][0], row["photos"][0], row["alt_texts"][0]]
    for kind in (*ONE, *MANY, *SECOND):
        role = SECOND.get(kind, kind)
        for word in row[kind]:
            context_roles = ("bullets", "category", "photos", "alt_texts")
            if role in context_roles and word in context:
                continue
            others = [w for w, r in zip(context, context_roles, strict=True) if r != role]
            stripped = "".join(
                c
                for c in unicodedata.normalize("NFD", word)
                if not unicodedata.combining(c) or c > "\u0370"
            )
            spellings = {word, f"\ufeff {word.upper()} *", word.replace(" ", "_"), stripped}
            spellings |= {unicodedata.normalize("NFD", word), f"{word} (2)"}
            for spelling in spellings:
                # ids by values: so that a file without an id column has one
                header = ["x", spelling, *others] if role != "id" else [spelling, *others]
                rows = [[f"n-{n}"] + [""] * (len(header) - 1) for n in range(3)]
                assert roles(header, *rows)[spelling] == role, (kind, word, spelling)


@pytest.mark.parametrize("name", PRICES)
def test_a_price_column_is_never_an_attribute(name: str) -> None:
    assert roles(["sku", name])[name] == "ignored"


@pytest.mark.parametrize("name", FACTS)
def test_what_only_looks_like_a_word_of_trade_is_an_attribute(name: str) -> None:
    assert roles(["sku", name])[name] == "attribute"


@pytest.mark.parametrize(
    "values",
    [
        ["79,90", "99,90"],
        ["1 299.00", "12.50"],
        ["12,-", "€ 8"],
        ["€12.00", "€ 1.299,00"],
        ["79 zł", "1 299,99 zł"],
        ["USD 5", "12.5 EUR"],
        ["￥1,280", "1280円"],
        ["R$ 99,90", "R$ 5,00"],
        ["12.990 ₫", "5.000₫"],
        ["100 kr.", "N/A"],
    ],
)
def test_amounts_of_money_are_told_by_their_values(values: list[str]) -> None:
    values = [unicodedata.normalize("NFKC", v) for v in values]
    found = roles(["sku", "qwx"], *[[str(n), v] for n, v in enumerate(values)])
    assert found["qwx"] == "ignored"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Weight", ["1.20", "0.75"]),
        ("Länge (cm)", ["12,50", "9,00"]),
        ("qwx (kg)", ["12,50", "9,00"]),
        ("qwx", ["12.5", "9"]),
        ("qwx", ["12,50 cm", "9,00 cm"]),
        ("qwx", ["red", "12.00"]),
        ("重量", ["1.20", "0.75"]),
        ("Szerokość", ["30,00", "45,50"]),
        ("qwx", ["6 ft", "5 ft"]),
    ],
)
def test_measures_are_no_money(name: str, values: list[str]) -> None:
    found = roles(["sku", name], *[[str(n), v] for n, v in enumerate(values)])
    assert found[name] == "attribute"


def test_a_word_of_two_languages_is_taken_as_in_the_language_of_the_file() -> None:
    ukrainian = ["Артикул", "Назва", "Опис", "Склад", "Колір"]
    russian = ["Артикул", "Название", "Описание", "Склад", "Цвет"]
    assert roles(ukrainian)["Склад"] == "attribute"  # what it is made of
    assert roles(russian)["Склад"] == "ignored"  # the warehouse


def test_of_several_names_for_one_role_the_best_is_taken() -> None:
    assert roles(["EAN", "SKU", "Name"]) == {"EAN": "ignored", "SKU": "id", "Name": "title"}
    found = roles(["Artikel", "Bezeichnung", "Artikelnummer"])
    assert found["Bezeichnung"] == "title" and found["Artikelnummer"] == "id"
    assert roles(["Kod", "Produkt"]) == {"Kod": "id", "Produkt": "title"}
    found = roles(["SKU", "Kurzbeschreibung", "Beschreibung"])
    assert found["Beschreibung"] == "description"
    assert roles(["SKU", "Kurzbeschreibung"])["Kurzbeschreibung"] == "description"


def test_a_title_is_never_guessed_and_the_file_says_so(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    text = "A red cotton shirt with short sleeves"
    table.write_text(f"sku,qwx,colour\n1,{text},red\n2,{text} again,blue\n")
    source = TableSource(table)
    products = list(source.products())
    assert [p.title for p in products] == ["", ""]
    [problem] = source.problems
    assert problem.line == 1 and "no column is known as the title" in problem.message
    assert "qwx, colour" in problem.message and "--column title=" in problem.message
    named = TableSource(table, columns={"title": "qwx"})
    assert [p.title for p in named.products()] == [text, f"{text} again"]
    assert not named.problems.total


def test_a_parquet_file_without_a_title_says_so(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "t.parquet"
    parquet.write_table(arrow.table({"sku": ["1", "2"], "qwx": ["a b", "c d"]}), path)
    source = ParquetSource(path)
    assert [p.title for p in source.products()] == ["", ""]
    [problem] = source.problems
    assert "no column is known as the title" in problem.message


def test_a_polish_table_is_read_without_its_prices() -> None:
    source = TableSource(FAULTS / "o03_polish_headers.csv")
    products = list(source.products())
    assert [p.title for p in products] == ["Dzban", "Misa"]
    assert products[0].description == "Zielony dzban na wodę, lepiony ręcznie."
    assert products[0].photos == ("https://img.example/1.jpg",)
    assert [dict(p.attributes) for p in products] == [
        {"Kolor": "zielony"},
        {"Kolor": "biały"},
    ]


def test_columns_are_shown_by_role() -> None:
    mapping = TableSource(FAULTS / "o03_polish_headers.csv").mapping
    assert mapping.by_role() == {
        "id": ["Indeks"],
        "title": ["Nazwa"],
        "description": ["Opis"],
        "photos": ["Zdjęcie"],
        "attribute": ["Kolor"],
        "ignored": ["Cena brutto"],
    }
