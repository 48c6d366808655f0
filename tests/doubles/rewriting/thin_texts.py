"""Thin texts as merchants write them, in five languages, and rewrites of each by a person.

`whole` says every fact of the old text in other words, units or places. `changed`: words of
the old text, and what a careless writer makes of them, which is false.
"""

from __future__ import annotations

from dataclasses import dataclass

from productdesc.records import Present, Product


@dataclass(frozen=True)
class Copy:
    title: str
    description: str
    bullets: tuple[str, ...]


@dataclass(frozen=True)
class Thin:
    """A merchant's text of one product."""

    language: str
    title: str
    description: str
    bullets: tuple[str, ...]
    whole: Copy
    changed: tuple[str, str]

    @property
    def product(self) -> Product:
        return Product(
            id=self.title,
            title=self.title,
            description=self.description,
            present=Present(bullets=self.bullets),
        )


THIN: tuple[Thin, ...] = (
    # ---- English
    Thin(
        "en", "Harbour Rain Jacket",
        "Waterproof jacket made of recycled nylon. Weighs 1.2 kg. Two inner pockets for "
        "keys. Machine wash at 30 °C.",
        ("Made in Portugal",),
        Copy(
            "Harbour Rain Jacket",
            "A waterproof jacket of recycled nylon, made in Portugal. At 1200 g it goes "
            "along everywhere. Keys have a place in its two inner pockets.",
            ("Machine wash at 30 °C", "Waterproof nylon"),
        ),
        ("1.2 kg", "2.1 kg"),
    ),
    Thin(
        "en", "Stoneware Mug",
        "Glazed stoneware, holds 350 ml. Dishwasher safe. Dark green outside, white "
        "inside.",
        (),
        Copy(
            "Stoneware Mug 350 ml in Dark Green",
            "This glazed mug is made of stoneware. It is dark green outside and white "
            "inside, and holds 0.35 l.",
            ("Dishwasher safe", "Holds 35 cl"),
        ),
        ("350 ml", "450 ml"),
    ),
    Thin(
        "en", "Oak Bedside Table",
        "Solid oak with one drawer. 45 x 40 x 55 cm. The drawer closes softly. Comes with "
        "an Allen key and screws.",
        (),
        Copy(
            "Bedside Table in Oak",
            "A bedside table of solid oak, 45 x 40 x 55 cm. Its one drawer closes softly.",
            ("In the box: Allen key, screws", "Solid oak"),
        ),
        ("55 cm", "65 cm"),
    ),
    # ---- German
    Thin(
        "de", "Wolljacke Nordwind",
        "Jacke aus 80 % Wolle und 20 % Polyamid. Wiegt 850 g. Innentasche für Schlüssel. "
        "Handwäsche.",
        ("Farbe: Dunkelblau",),
        Copy(
            "Wolljacke Nordwind in Dunkelblau",
            "Die Jacke besteht aus 80 % Wolle und 20 % Polyamid und wiegt 0,85 kg. "
            "Schlüssel finden in der Innentasche ihren Platz.",
            ("Nur Handwäsche", "Dunkelblau"),
        ),
        ("80 %", "60 %"),
    ),
    Thin(
        "de", "Bratpfanne 28 cm",
        "Pfanne aus Gusseisen, Durchmesser 28 cm. Für Induktion geeignet. Holzgriff "
        "abnehmbar.",
        ("5 Jahre Garantie",),
        Copy(
            "Bratpfanne aus Gusseisen, 28 cm",
            "Gusseisen hält die Hitze. Die Pfanne hat einen Durchmesser von 28 cm und "
            "ist für Induktion geeignet. Der Holzgriff ist abnehmbar.",
            ("5 Jahre Garantie", "Durchmesser 280 mm"),
        ),
        ("Gusseisen", "Aluminium"),
    ),
    Thin(
        "de", "Kindergummistiefel Pfütze",
        "Stiefel aus Naturkautschuk in Rot, Größe 24. Das Futter lässt sich herausnehmen.",
        (),
        Copy(
            "Gummistiefel Pfütze für Kinder",
            "Rote Stiefel aus Naturkautschuk, in Größe 24. Das Futter lässt sich leicht "
            "herausnehmen.",
            ("Naturkautschuk", "Größe 24"),
        ),
        ("Naturkautschuk", "Leder"),
    ),
    # ---- French
    Thin(
        "fr", "Sac à dos Cévennes",
        "Sac à dos en coton ciré. Contenance 20 litres. Poche pour ordinateur. Fabriqué en "
        "France.",
        (),
        Copy(
            "Sac à dos Cévennes 20 litres",
            "Ce sac à dos en coton ciré est fabriqué en France. Il contient 20 l et "
            "possède une poche pour ordinateur.",
            ("20 litres", "Coton ciré"),
        ),
        ("coton", "cuir"),
    ),
    Thin(
        "fr", "Bougie parfumée",
        "Cire de soja, parfum figue. 180 g, environ 40 heures. Mèche en coton.",
        ("Verre réutilisable",),
        Copy(
            "Bougie parfumée à la figue",
            "Une bougie de 180 g en cire de soja, au parfum de figue, avec une mèche en "
            "coton. Elle dure environ 40 heures, et son verre est réutilisable.",
            ("Cire de soja", "180 g"),
        ),
        ("180 g", "280 g"),
    ),
    Thin(
        "fr", "Chemise Loire",
        "Chemise en lin, bleu clair. Col italien, deux poches. Lavage à 40 °C.",
        (),
        Copy(
            "Chemise Loire en lin",
            "La chemise Loire est en lin, couleur bleu clair, avec un col italien et deux "
            "poches.",
            ("Lavage à 40 °C", "Deux poches"),
        ),
        ("40 °C", "60 °C"),
    ),
    # ---- Spanish
    Thin(
        "es", "Mochila Sierra",
        "Mochila de lona con 3 bolsillos. Capacidad de 25 litros. Correas ajustables. "
        "Hecho en España.",
        (),
        Copy(
            "Mochila Sierra de lona",
            "La mochila Sierra es de lona y está hecha en España. Tiene una capacidad de "
            "25 l y correas ajustables.",
            ("3 bolsillos", "Correas ajustables"),
        ),
        ("25 litros", "35 litros"),
    ),
    Thin(
        "es", "Manta de lana",
        "Manta de lana merino, 130 x 180 cm. Pesa 900 g. Lavar a mano.",
        ("Color gris",),
        Copy(
            "Manta gris de lana merino",
            "Manta de lana merino en color gris. Mide 130 x 180 cm y pesa 0,9 kg.",
            ("Lavar a mano", "Lana merino"),
        ),
        ("900 g", "600 g"),
    ),
    Thin(
        "es", "Lámpara Faro",
        "Lámpara de mesa de latón. Altura 42 cm. Incluye bombilla E27. Interruptor en el "
        "cable.",
        (),
        Copy(
            "Lámpara de mesa Faro",
            "La lámpara de mesa Faro es de latón y tiene una altura de 42 cm. Incluye una "
            "bombilla E27, y el interruptor está en el cable.",
            ("Bombilla E27", "Latón"),
        ),
        ("42 cm", "52 cm"),
    ),
    # ---- Italian
    Thin(
        "it", "Borsa Arno",
        "Borsa in pelle con cerniera. Misura 30 x 22 cm. Tasca interna per il telefono. "
        "Prodotto in Italia.",
        (),
        Copy(
            "Borsa Arno in pelle",
            "La borsa Arno è in pelle ed è prodotta in Italia. Ha una cerniera e una tasca "
            "interna per il telefono.",
            ("30 x 22 cm", "Tasca interna"),
        ),
        ("pelle", "cotone"),
    ),
    Thin(
        "it", "Tazza Colle",
        "Tazza in ceramica rossa. Capacità 300 ml. Adatta alla lavastoviglie.",
        ("Decorata a mano",),
        Copy(
            "Tazza Colle in ceramica rossa",
            "La tazza in ceramica rossa è decorata a mano e ha una capacità di 0,3 litri.",
            ("Adatta alla lavastoviglie", "300 ml"),
        ),
        ("300 ml", "500 ml"),
    ),
    Thin(
        "it", "Coperta Lago",
        "Coperta di lana, 140 x 200 cm. Pesa 1,1 kg. Bordo con frange. Lavare a secco.",
        (),
        Copy(
            "Coperta Lago di lana",
            "La coperta Lago è di lana e ha il bordo con frange. Misura 140 x 200 cm e "
            "pesa 1100 g.",
            ("Lavare a secco", "Di lana"),
        ),
        ("1,1 kg", "1,5 kg"),
    ),
)  # fmt: skip

ABROAD: tuple[tuple[Thin, str, Copy], ...] = (
    (
        THIN[3],
        "en",
        Copy(
            "Nordwind wool jacket in dark blue",
            "The jacket is made of 80% wool and 20% polyamide. It weighs 850 g. Hand wash.",
            ("Dark blue",),
        ),
    ),
    (
        THIN[0],
        "de",
        Copy(
            "Harbour Regenjacke",
            "Wasserdichte Jacke aus recyceltem Nylon, hergestellt in Portugal. Sie wiegt "
            "1,2 kg und hat zwei Innentaschen.",
            ("Maschinenwäsche bei 30 °C",),
        ),
    ),
    (
        THIN[6],
        "it",
        Copy(
            "Zaino Cévennes",
            "Zaino in cotone cerato, prodotto in Francia. Ha una capacità di 20 litri.",
            (),
        ),
    ),
)
"""A text, another language, and copy in it that keeps what can be compared."""
