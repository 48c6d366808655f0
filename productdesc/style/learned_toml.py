"""Learned style as TOML, with what a person who edits it should know in its comments."""

from __future__ import annotations

import re

from .learned_style import LearnedStyle
from .shop_style import STYLE_LIMITS, Text
from .style_file import toml_text

__all__ = ["style_toml"]


def style_toml(learned: LearnedStyle, origin: str) -> str:
    """The learned style as TOML, with what a person should know in its comments."""
    once = round(sum(one.size for one in learned.examples) / STYLE_LIMITS.token_chars)
    lines = [
        f"# A style proposed by `productdesc style learn` from {learned.count} products",
        f"# of {_comment(origin)}, in {learned.language}.",
        "# It is counted, not judged: read it, and change what is not you. Then:",
        "#   productdesc describe --style THIS_FILE ...",
        "",
        "# How the copy sounds, in your own words; what stands here was counted.",
        f"tone = {toml_text(learned.tone)}",
        "",
        "# Words of which each must stand in the copy of every product, or there is a",
        "# warning: keep few, or none.",
    ]
    if learned.words:
        lines.append("# Typical of your copy (products that have the word):")
        lines += [f"#   {_comment(word)} ({n})" for word, n in learned.words]
    lines += [
        "use = []",
        "",
        "# Words that never stand in it: a sentence with one goes.",
        "avoid = []",
        "",
        '# A word, and the one that you say instead: sneaker = "trainer"',
        "[glossary]",
        "",
        f"# Examples: your own products, about {once} tokens, read once a job. They vouch",
        "# for nothing: what one says of its product is taken out of another's copy.",
    ]
    for one in learned.examples:
        lines += ["", "[[examples]]"]
        for part, texts in one.shown.items():
            lines += ["", f"[examples.{part}]"]
            lines += [f"{_key(name)} = {_value(text)}" for name, text in texts.items()]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else toml_text(name)


def _value(text: Text) -> str:
    if isinstance(text, str):
        return toml_text(text)
    return f"[{', '.join(map(toml_text, text))}]"
