"""Plain words that copy is made of: patterns, places, numbers in words."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["COUNTRIES", "DEMONYMS", "PATTERN_WORDS", "WORD_NUMBERS"]

# fmt: off
PATTERN_WORDS = (
    "striped, stripe, stripes, checked, check, checkered, plaid, tartan, gingham, dotted,"
    " polka dot, polka dots, floral, printed, print, graphic, camouflage, camo, leopard,"
    " zebra, paisley, herringbone, houndstooth, colour-blocked, colour block, solid,"
    " two-tone, plain, gestreift, kariert, geblümt, rayé, à carreaux, rayas, cuadros"
)

COUNTRIES = (
    "Africa, America, Asia, Argentina, Australia, Austria, Bangladesh, Belgium, Brazil,"
    " Britain, Bulgaria,"
    " Cambodia,"
    " Canada, Chile, China, Colombia, Croatia, Czechia, Denmark, Egypt, England, Ethiopia,"
    " Europe, European Union, Finland, France, Germany, Great Britain, Greece, Hong Kong,"
    " Hungary, Iceland, India, Indonesia, Ireland, Israel, Italy, Japan, Kenya, Korea,"
    " Lithuania, Madagascar, Malaysia, Mexico, Morocco, Nepal, Netherlands, New Zealand,"
    " Norway, Pakistan, Peru, Philippines, Poland, Portugal, Romania, Russia, Scotland,"
    " Serbia,"
    " Singapore, Slovakia, Slovenia, South Africa, Spain, Sri Lanka, Sweden, Switzerland,"
    " Taiwan, Thailand, Tunisia, Turkey, Türkiye, Ukraine, United Kingdom, United States,"
    " Uruguay, USA, UK, EU, U.S.A., Vietnam, Wales, Milan, Paris, Tuscany, Florence,"
    " London,"
    " California, New York, Los Angeles, Deutschland, Italien, Frankreich, Spanien,"
    " Österreich, Schweiz, Türkei, Polen, Allemagne, Italie, Espagne, Suisse, Chine, Japon,"
    " Alemania, Italia, Francia, España, Portugal, Suiza, Japón"
)
DEMONYMS = (
    "American, Argentinian, Australian, Austrian, Belgian, Brazilian, British, Bulgarian,"
    " Canadian, Chilean, Chinese, Colombian, Czech, Danish, Dutch, Egyptian, English,"
    " Ethiopian, European, Finnish, French, German, Greek, Hungarian, Icelandic, Indian,"
    " Indonesian, Irish, Israeli, Italian, Japanese, Kenyan, Korean, Lithuanian, Mexican,"
    " Moroccan, Nepalese, Norwegian, Peruvian, Polish, Portuguese, Romanian, Russian,"
    " Scottish, Serbian, Slovenian, Spanish, Swedish, Swiss, Taiwanese, Thai, Tunisian,"
    " Turkish, Ukrainian, Vietnamese, Welsh, Parisian, Milanese, Tuscan, Californian"
)

WORD_NUMBERS: Mapping[str, Mapping[str, str]] = {
    # "one" is left out everywhere: it is an article or a pronoun far more often.
    "en": {
        "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
        "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
        "fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50",
        "sixty": "60", "hundred": "100", "thousand": "1000", "dozen": "12",
    },
    "de": {
        "zwei": "2", "drei": "3", "vier": "4", "fünf": "5", "sechs": "6", "sieben": "7",
        "acht": "8", "zehn": "10", "zwölf": "12", "zwanzig": "20", "hundert": "100",
    },
    "fr": {
        "deux": "2", "trois": "3", "quatre": "4", "cinq": "5", "six": "6", "sept": "7",
        "huit": "8", "dix": "10", "douze": "12", "vingt": "20", "cent": "100",
    },
    "es": {
        "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7",
        "ocho": "8", "diez": "10", "doce": "12", "veinte": "20", "cien": "100",
    },
}
# fmt: on
