"""Product texts in many languages, with the old encodings that shops have saved them in.

Titles and descriptions of one line, written for these tests.
"""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("Stoneware jug", "Thrown by hand and glazed in green. Holds 1.5 l, 20 cm high."),
        ("Café cup", "A cup for crème brûlée and coffee; dishwasher safe, 9 cm."),
    ),
    "de": (
        ("Grüner Krug",
         "Von Hand gedreht, 20 cm hoch und außen grün glasiert. Größe: 1,5 l."),
        ("Schüssel für Müsli", "Aus Steingut, spülmaschinenfest – für süße Früchte. 12 €"),
        ("Kännchen", "Mit weißem Innenraum, Ø 9 cm, je Stück 14,90 €."),
    ),
    "fr": (
        ("Crème de jour à l'huile d'olive", "Pour une peau très douce, sans parfum."),
        ("Théière en grès",
         "Tournée à la main, avec une anse en bois d'hêtre. L’idéal été."),
        ("Gilet côtelé brodé",
         "Coupe ample, manches longues, fermé par des boutons de nacre."),
    ),
    "es": (
        ("Jarra de cerámica para baño",
         "Hecha a mano con esmalte más brillante. Tamaño: 20 cm."),
        ("Muñeca de algodón", "Diseño español para niños y niñas, con vestido del año."),
    ),
    "it": (
        ("Brocca in ceramica",
         "Fatta a mano con più colori, è perfetta per il caffè della città."),
        ("Borsa di qualità", "Pelle conciata al vegetale, già pronta per il viaggio."),
    ),
    "pt": (
        ("Caneca de cerâmica", "Feita à mão com vidrado azul; não vai ao micro-ondas."),
        ("Coleção de botões",
         "Algodão e madeira, com proteção para verão. Dimensões: 3 cm."),
    ),
    "sv": (
        ("Blå skål", "Handgjord och målad på utsidan, för frukost till två."),
        ("Grå låda", "Hållbar låda från Småland, lätt att bära."),
    ),
    "da": (
        ("Blå skål", "Håndlavet og malet på ydersiden, til grød og brød."),
        ("Grøn læderpung", "Farven er ikke ændret; størrelse 10 cm, fra køkkenet."),
    ),
    "nl": (
        ("Groene kan", "Met de hand gedraaid voor één liter; deze kan is geïsoleerd."),
        ("Crèmekleurige kom", "Een kom voor het ontbijt, kleur crème, niet geëmailleerd."),
    ),
    "pl": (
        ("Dzban ręczny",
         "Zielony dzban na wodę, lepiony ręcznie. Pojemność: półtora litra."),
        ("Żółta miska", "Duża miska na owoce z kamionki, łatwa do mycia. Cena niższa."),
    ),
    "cs": (
        ("Modré křeslo",
         "Měkké křeslo pro děti, ručně šité. Výška 80 cm, šířka půl metru."),
        ("Žlutý hrnek",
         "Hrnek na čaj a kávu, který se snadno myje. Průměr osm centimetrů."),
    ),
    "hu": (
        ("Bőr táska",
         "Kézzel varrott bőr táska, belső zsebbel. Színe sötétbarna, erős fülű."),
        ("Zöld kancsó", "Kőcserép kancsó, kívül zölddel mázas, űrtartalma másfél liter."),
    ),
    "ro": (
        ("Cană verde",
         "Făcută de mână din lut, ţine o jumătate de litru şi se spală uşor."),
        ("Geantă de piele", "Cusută manual, căptuşită, cu două buzunare în faţă."),
    ),
    "hr": (
        ("Zelena šalica",
         "Ručno rađena šalica za čaj, čvrsta i lagana. Pranje u suđerici."),
        ("Kožna torba", "Torba sa džepom, šivana ručno; boja smeđa, veličina srednja."),
    ),
    "ru": (
        ("Кувшин зелёный", "Ручная работа, керамика. Объём полтора литра, высота 20 см."),
        ("Кожаная сумка", "Сумка из натуральной кожи, с карманом внутри."),
    ),
    "ja": (
        ("帽子 麦わら", "夏にぴったりの麦わら帽子です。手作りで、サイズは調整できます。"),
        ("緑のマグカップ", "手びねりのカップ。電子レンジでお使いいただけます。"),
    ),
    "zh": (
        ("绿色陶瓷杯", "手工制作的陶瓷杯，容量三百毫升，可以用洗碗机清洗。"),
        ("草编帽子", "适合夏天的帽子，颜色为米黄色，大小可调。"),
    ),
    "ko": (
        ("초록색 도자기 컵", "손으로 만든 컵이며 전자레인지에 사용할 수 있습니다."),
        ("밀짚 모자", "여름에 어울리는 모자입니다. 크기를 조절할 수 있습니다."),
    ),
    "el": (("Πράσινη κανάτα", "Χειροποίητη κεραμική κανάτα, χωράει ενάμισι λίτρο."),),
    "tr": (("Yeşil sürahi",
            "El yapımı çömlek sürahi, bir buçuk litre alır, kırmızı kapağı var."),),
    "lt": (("Žalias ąsotis", "Rankų darbo keramikos ąsotis, telpa pusantro litro."),),
    "he": (("כד ירוק", "כד קרמיקה בעבודת יד, מכיל ליטר וחצי."),),
    "th": (("เหยือกสีเขียว", "เหยือกเซรามิกทำมือ จุได้หนึ่งลิตรครึ่ง"),),
}  # fmt: skip
"""(title, description) by language."""

WESTERN = ("en", "de", "fr", "es", "it", "pt", "sv", "da", "nl")
LEGACY: Mapping[str, tuple[str, ...]] = {
    "cp1250": ("pl", "cs", "hu", "ro", "hr"),
    "iso8859-2": ("pl", "cs", "hu", "ro", "hr"),
    "cp852": ("pl", "cs", "hu", "ro", "hr"),
    "cp1251": ("ru",),
    "koi8-r": ("ru",),
    "cp866": ("ru",),
    "shift_jis": ("ja",),
    "euc-jp": ("ja",),
    "gbk": ("zh",),
    "euc-kr": ("ko",),
    "mac-roman": ("de", "fr", "es", "it", "pt", "sv", "da", "nl"),
    "cp850": ("de", "fr", "es", "pt", "sv"),
    "cp1253": ("el",),
    "cp1254": ("tr",),
    "cp1257": ("lt",),
    "cp1255": ("he",),
    "cp874": ("th",),
}
"""Encodings that are not cp1252, and the languages that were written in them."""
