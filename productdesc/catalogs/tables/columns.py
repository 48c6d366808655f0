"""Column mapping: which column of a table is what, by its name, then by its values.

To understand one more header word: one word in WORDS. A guess is shown (`print`) and can
be overridden; a column that nothing is known of describes the product, as an attribute
under its own name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...errors import CatalogError

ONE = ("id", "title", "description", "category", "seo_title", "seo_description")
"""Roles of one column at most."""
MANY = ("bullets", "alt_texts", "tags", "photos", "attributes", "attribute", "ignored")
"""Roles of any number. `attributes` has lines of "name: value", `attribute` one value."""

# English, German, French, Spanish, Italian, Dutch; as `_plain` leaves a header
WORDS: Mapping[str, str] = {
    "id": "product id|id|sku|item id|offer id|product code|item number|article number"
    "|article no|product number|part number|handle|artikelnummer|artikelnr|art nr"
    "|produktnummer|produkt id|bestellnummer|référence|reference|réf|ref|code article"
    "|référence produit|referencia|código|codigo|id producto|codice|codice articolo"
    "|codice prodotto|artikelcode|productcode|asin|gtin|ean|upc|barcode",
    "title": "title|name|product name|product title|item name|titel|produktname"
    "|produkttitel|bezeichnung|artikelbezeichnung|artikelname|titre|nom|nom du produit"
    "|désignation|título|titulo|nombre|nombre del producto|titolo|nome|nome prodotto"
    "|naam|productnaam|omschrijving kort|url handle title",
    "description": "description|body|body html|long description|product description|text"
    "|beschreibung|produktbeschreibung|langtext|artikelbeschreibung|langbeschreibung"
    "|description longue|descriptif|descripción|descripcion|descripción larga"
    "|descrizione|beschrijving|omschrijving|short description|kurzbeschreibung",
    "photos": "photo|photos|picture|pictures|image|images|image url|image urls|image link"
    "|image src|img|product image url|main image|additional image link|photo url|gallery"
    "|additional images|bild|bilder|bild url|bildlink|foto|fotos|abbildung|produktbild"
    "|image principale|images supplémentaires|url image|imagen|imágenes|imagenes"
    "|immagine|immagini|afbeelding|afbeeldingen",
    "category": "category|product category|categories|google product category|kategorie"
    "|kategorien|warengruppe|catégorie|categorie|categoría|categoria",
    "bullets": "bullets|bullet points|bullet point|highlights|features|key features"
    "|product highlight|merkmale|stichpunkte|points forts|características|puntos clave"
    "|caratteristiche|kenmerken",
    "seo_title": "seo title|meta title|page title|seo titel|meta titel|titre seo"
    "|título seo|titolo seo",
    "seo_description": "seo description|meta description|seo beschreibung"
    "|meta beschreibung|description seo|méta description|descripción seo"
    "|descrizione seo",
    "alt_texts": "alt texts|alt text|alt|image alt text|image alt|alternativtext"
    "|bild alt|texte alternatif|texto alternativo|testo alternativo",
    "tags": "tags|tag|keywords|schlagwörter|schlagworte|stichwörter|mots clés|étiquettes"
    "|etiquetas|palabras clave|parole chiave|trefwoorden",
    "attributes": "attributes|attribute|additional attributes|attribute liste|attributs"
    "|atributos|attributi|kenmerk",
    "ignored": "price|sale price|cost|cost per item|msrp|compare at price|currency|stock"
    "|qty|quantity|inventory|availability|status|published|active|tax|vat|shipping|url"
    "|link|product url|created|created at|updated|updated at|date|position|sort"
    "|preis|verkaufspreis|ek|vk|uvp|bestand|lager|lagerbestand|menge|verfügbarkeit|mwst"
    "|versand|datum|aktiv|prix|prix de vente|quantité|disponibilité|tva|livraison"
    "|precio|existencias|cantidad|disponibilidad|iva|envío|fecha|prezzo|giacenza"
    "|quantità|disponibilità|spedizione|data|prijs|voorraad|aantal|kept|findings",
}
_ROLES = {word: role for role, words in WORDS.items() for word in words.split("|")}
# A word anywhere in a header that makes its column a matter of trade, not of the product
_NOT_DESCRIBING = frozenset(
    (
        *(
            "price",
            "prices",
            "preis",
            "preise",
            "prix",
            "precio",
            "prezzo",
            "prijs",
            "cost",
        ),
        *("stock", "inventory", "qty", "quantity", "tax", "taxable", "mwst", "iva", "tva"),
        *("fulfillment", "shipping", "versand", "livraison", "policy", "tracker", "gift"),
        *("barcode", "gtin", "ean", "upc", "id", "url", "link", "position", "requires"),
        *("label", "labels", "adwords", "exists", "cost"),
    )
)
_URL = re.compile(r"https?://\S+|\S+\.(?:jpe?g|png|webp|gif)\b", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp|gif)\b|/(?:image|img|photo|media)", re.I)


@dataclass(frozen=True, slots=True)
class Columns:
    """Each column's role, in the file's order; `why` is "name", "values" or "given"."""

    header: tuple[str, ...]
    roles: tuple[str, ...]
    why: tuple[str, ...]

    def of(self, role: str) -> tuple[int, ...]:
        """The columns of one role, from 0."""
        return tuple(n for n, r in enumerate(self.roles) if r == role)

    def __str__(self) -> str:
        wide = max(map(len, self.header), default=0)
        lines = (
            f"{name:<{wide}}  {role:<15}  by {why}" if why != "given" else
            f"{name:<{wide}}  {role:<15}  {why}"
            for name, role, why in zip(self.header, self.roles, self.why, strict=True)
        )  # fmt: skip
        return "\n".join(lines)


def map_columns(
    header: Sequence[str],
    samples: Sequence[Sequence[str]],
    given: Mapping[str, str | Sequence[str]] | None = None,
    *,
    file: str = "table",
) -> Columns:
    """The role of every column; `given` names columns by role and wins over every guess.

    samples: some rows of the table. Raises `ValueError` for a role or column that does not
    exist, `CatalogError` where no column can be the product's id.
    """
    names = tuple(name.strip() for name in header)
    roles: dict[int, tuple[str, str]] = {}
    for role, wanted in (given or {}).items():
        if role not in (*ONE, *MANY):
            raise ValueError(
                f"columns names {role!r}; roles are {', '.join((*ONE, *MANY))}"
            )
        for name in [wanted] if isinstance(wanted, str) else wanted:
            if name.strip() not in names:
                raise ValueError(
                    f"{file} has no column {name!r}; it has {', '.join(names)}"
                )
            roles[names.index(name.strip())] = (role, "given")
    _by_name(names, roles, taken=set(given or ()))
    _by_values(len(names), samples, roles)
    if not any(role == "id" for role, _ in roles.values()):
        raise CatalogError(
            f'{file}: no column looks like an id; name one with columns={{"id": ...}}; '
            f"columns are: {', '.join(names)}"
        )
    found = [roles.get(n, ("attribute", "name")) for n in range(len(names))]
    found = [("ignored", "name") if not names[n] else f for n, f in enumerate(found)]
    return Columns(names, tuple(r for r, _ in found), tuple(w for _, w in found))


def _plain(header: str) -> str:
    """A header as WORDS spells it: lower case, words apart, without a last number."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    text = " ".join(re.sub(r"[\W_]+", " ", apart.casefold()).split())
    return re.sub(r"\s*\d+$", "", text)


def _by_name(
    names: Sequence[str], roles: dict[int, tuple[str, str]], taken: set[str]
) -> None:
    """Roles by header words; of several columns for one role, the earliest word wins."""
    words = list(_ROLES)
    plain = [_plain(name) for name in names]
    order = sorted((words.index(text), n) for n, text in enumerate(plain) if text in _ROLES)
    for _, n in order:
        role = _ROLES[plain[n]]
        if n in roles or role in taken:
            continue
        if role in ONE and any(r == role for r, _ in roles.values()):
            continue
        roles[n] = (role, "name")
    for n, text in enumerate(plain):
        if not _NOT_DESCRIBING.isdisjoint(text.split()):
            roles.setdefault(n, ("ignored", "name"))


def _by_values(
    width: int, samples: Sequence[Sequence[str]], roles: dict[int, tuple[str, str]]
) -> None:
    """Roles that no header named, where the values of a column leave little doubt."""
    columns = {
        n: [row[n] for row in samples if row[n:] and row[n].strip()] for n in range(width)
    }
    free = [n for n in range(width) if n not in roles and columns[n]]
    filled = {role for role, _ in roles.values()}
    for n in list(free):
        values = columns[n]
        links = [v for v in values if _URL.fullmatch(v.split()[0].strip(",;|"))]
        if len(links) * 2 > len(values):
            is_photo = "photos" not in filled and any(map(_PICTURE.search, links))
            roles[n] = ("photos" if is_photo else "ignored", "values")
            free.remove(n)
    if "id" not in filled:
        for n in free:
            values = columns[n]
            short = all(len(v) <= 64 and " " not in v.strip() for v in values)
            if short and len(values) == len(samples) == len(set(values)):
                roles[n] = ("id", "values")
                free.remove(n)
                break
    mean = {n: sum(map(len, columns[n])) / len(columns[n]) for n in free}
    words = {n: sum(" " in v.strip() for v in columns[n]) / len(columns[n]) for n in free}
    if "description" not in filled:
        long = max((n for n in free if mean[n] >= 80), key=lambda n: mean[n], default=None)
        if long is not None:
            roles[long] = ("description", "values")
            free.remove(long)
    if "title" not in filled:
        named = (n for n in free if words[n] > 0.6 and 8 <= mean[n] <= 150)
        if (best := max(named, key=lambda n: mean[n], default=None)) is not None:
            roles[best] = ("title", "values")
