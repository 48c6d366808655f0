"""Rendered objects as a studio would show them: what else stands on a white ground.

Shops show bags, bulbs and cakes as they show shoes, and there are hardly any free photos
of them to learn from.  Microsoft's Fluent Emoji (MIT) are renders of many hundred things;
most stand for "other product" here, a few for a known kind, and those of the kinds that
the model is examined on as strangers are left out.  The folder is `assets` of the npm
package `@lobehub/fluent-emoji-3d`: one picture with transparency for each code point.
"""

import hashlib
import random
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from ..split import CLOTHING, OTHER, Sample
from .album import Album, opened
from .studio import plain_colour

WHITE = (255, 255, 255)
DARKEST = 120  # level of a ground that is not white

# kind -> characters whose render shows it
SHOWN = {
    "dress": "👗",
    "hat": "🎩👒🧢",
    "outwear": "🧥",
    "pants": "👖",
    "shirt": "👚",
    "shoes": "👞👟👠👡👢🥾🥿🩰🩴",
    "shorts": "🩳",
    "t-shirt": "👕🎽",
    "juice": "🧃",
    "fruit": "🍇🍈🍉🍋🍌🍍🍎🍏🍐🍑🍒🍓🥝🥭🫐",
    "vegetable": "🍅🍆🌽🌶🍠🥒🥔🥕🥦🥬🧄🧅🫑",
}

# Things of kinds that test photos show as strangers, or of sorts held back: bags, cameras,
# computers, furniture, plants, sports equipment, watches and clocks, drinkware, light
# bulbs, electronics, housewares; avocado, orange, mushroom.  Clothes of none of the kinds.
LEFT_OUT = frozenset(
    "🎒👛👜👝💼🧳🛍🛒💰🧺📦📷📸📹🎥📽🎞📺📻💻🖥🖨🖱🖲⌨💽💾💿📀📼📱📲📞📟📠🔋🔌🎧🎙🎤🕹🎮🔦💡🕯🏮🪔"
    "💺🛋🛏🪑🚪🪞🪟🛁🚽🚿🗄🗃🗑🖼🪴🌱🌲🌳🌴🌵🌷🌸🌹🌺🌻🌼🌾🌿🍀💐🥀🎄🎋🎍🪷"
    "🎾🎿🏀🏈🏉🏏🏐🏑🏒🏓🏸🥊🥋🥌🥍🥎🥏🎱🎳🛹🛼🛷🎣🏹🥅⚽⚾⛳🏋🤿"
    "⌚🕰🍵🍶🍷🍸🍹🍺🍻🥂🥃🥤🧋🧉🍼🥛🫖🫗🏺🍽🍴🥄🥢🥣🫙🪣🧹🧽🔪🍳🥘🍲"
    "🥑🍊🍄🎃🥥🥗🎓👘🥻👙🩱🩲🥼🦺👔🧣🧤🧦👑🪖⛑🛌🧰🔭📳📴📵📶🛜"
)
# Ranges that show things, not faces, hands, people, signs or buildings.
_THINGS = (
    (0x1F32D, 0x1F393),
    (0x1F396, 0x1F397),
    (0x1F39A, 0x1F39F),
    (0x1F3A0, 0x1F3C0),
    (0x1F3C5, 0x1F3C6),
    (0x1F3CD, 0x1F3CE),
    (0x1F3ED, 0x1F43F),
    (0x1F451, 0x1F462),
    (0x1F484, 0x1F492),
    (0x1F4A3, 0x1F4A3),
    (0x1F4B0, 0x1F4FF),
    (0x1F50B, 0x1F516),
    (0x1F525, 0x1F52E),
    (0x1F56F, 0x1F570),
    (0x1F576, 0x1F579),
    (0x1F587, 0x1F58D),
    (0x1F5A5, 0x1F5FF),
    (0x1F680, 0x1F6A6),
    (0x1F6B2, 0x1F6B2),
    (0x1F6CB, 0x1F6FC),
    (0x1F941, 0x1F969),
    (0x1F96A, 0x1F96F),
    (0x1F980, 0x1F9AD),
    (0x1F9BA, 0x1F9CB),
    (0x1F9E2, 0x1FABF),
    (0x1FAD0, 0x1FADB),
)
_NO_THING = ("FACE", "ARROW", "FLAG", "SYMBOL", "SIGN", "ENVELOPE", "FIREWORK", "PERSON")


class Render(NamedTuple):
    """One picture of an object and the kind it stands for; `held`: kept to tune on."""

    path: Path
    kind: str
    held: bool


def renders(folder: Path) -> list[Render]:
    """The objects of `folder` that may be learnt from, by code point."""
    kinds = {ord(c): kind for kind, shown in SHOWN.items() for c in shown}
    found: list[Render] = []
    for path in sorted(folder.glob("*.webp")):
        parts = [p for p in path.stem.split("-") if p != "fe0f"]
        if len(parts) != 1:
            continue
        code = int(parts[0], 16)
        kind = kinds.get(code) or (OTHER if _is_thing(code) else None)
        if kind:
            drawn = hashlib.sha256(f"productdesc:{code:x}".encode()).digest()[0]
            found.append(Render(path, kind, kind == OTHER and drawn % 6 == 0))
    return found


def _is_thing(code: int) -> bool:
    name = unicodedata.name(chr(code), "")
    return (
        any(first <= code <= last for first, last in _THINGS)
        and chr(code) not in LEFT_OUT
        and not any(word in name for word in _NO_THING)
    )


def render_album(
    folder: Path, cache: Path, *, held: bool = False, seed: int = 0
) -> tuple[Album, list[str]]:
    """Each object on white and on another ground, and the kind of each picture.

    held: those kept to tune on, not those to learn from.
    """
    found = [render for render in renders(folder) if render.held is held]
    if not found:
        raise ValueError(f"{folder}: no renders; expected files like 1f45f.webp")
    names = [render.path.name for render in found]
    return Album.cached(names, cache, _on_two_grounds(found, random.Random(seed)))


def _on_two_grounds(
    found: Sequence[Render], rng: random.Random
) -> Iterator[tuple[Image.Image, str]]:
    for path, kind, _ in found:
        with Image.open(path) as image:
            cut = image.convert("RGBA")
        for ground in (WHITE, plain_colour(rng, DARKEST)):
            yield _shown(cut, ground, rng), kind


def cloth_album(
    folder: Path, samples: Sequence[Sample], count: int, cache: Path, seed: int = 0
) -> Album:
    """The outlines of things filled with pieces of clothing photos, on plain grounds.

    They have the stuff of a known product and the shape of none, so that neither the stuff
    nor the ground says what it is.
    """
    rng = random.Random(seed)
    outlines = [r.path for r in renders(folder) if r.kind == OTHER and not r.held]
    clothes = [sample.path for sample in samples if sample.kind in CLOTHING]
    chosen = rng.sample(clothes, min(count, len(clothes)))
    names = [str(path) for path in (*outlines, *chosen)]
    return Album.cached(names, cache, _cut_from(chosen, outlines, rng))[0]


def _cut_from(
    clothes: Sequence[Path], outlines: Sequence[Path], rng: random.Random
) -> Iterator[tuple[Image.Image, str]]:
    for path in clothes:
        with Image.open(rng.choice(outlines)) as image:
            outline = image.convert("RGBA").getchannel("A")
        photo = opened(path)
        share = rng.uniform(0.3, 0.6)
        width, height = round(photo.width * share), round(photo.height * share)
        left = rng.randrange(photo.width - width + 1)
        top = rng.randrange(photo.height - height + 1)
        stuff = photo.crop((left, top, left + width, top + height)).resize(outline.size)
        stuff.putalpha(outline)
        ground = WHITE if rng.random() < 0.6 else plain_colour(rng, DARKEST)
        yield _shown(stuff, ground, rng), ""


def _shown(
    cut: Image.Image, ground: tuple[int, int, int], rng: random.Random
) -> Image.Image:
    """An object with transparency on a plain ground, sometimes with a soft shadow."""
    width, height = rng.choice([(256, 256), (224, 280), (280, 224), (256, 320)])
    side = round(min(width, height) * rng.uniform(0.6, 0.95))
    cut = cut.resize((side, side), Image.Resampling.BICUBIC)
    at = (
        (width - side) // 2 + round(rng.uniform(-0.1, 0.1) * (width - side)),
        (height - side) // 2 + round(rng.uniform(-0.1, 0.1) * (height - side)),
    )
    picture = Image.new("RGB", (width, height), ground)
    if rng.random() < 0.5:
        shadow = Image.new("L", (width, height))
        shadow.paste(cut.getchannel("A").point(lambda v: v // 4), (at[0] + 4, at[1] + 8))
        shadow = shadow.filter(ImageFilter.GaussianBlur(6))
        picture = Image.composite(Image.new("RGB", picture.size), picture, shadow)
    picture.paste(cut, at, cut)
    grain = np.asarray(picture, dtype=np.int16)
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, 2, grain.shape)
    return Image.fromarray(np.uint8(np.clip(grain + noise, 0, 255)))
