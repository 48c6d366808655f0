"""The object of a schema of the user's own, with the checked texts in their places."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from ..errors import OutputError
from ..records import Finding
from ..text.printable import printable, words_of
from ..words.writing.copy_tables import COPY_LANGUAGES, has_tables

__all__ = ["Filled", "fill", "refuse_free_text", "strings"]


def refuse_free_text(model: str, asked: Mapping[str, Any], own: str) -> None:
    """Raise `ValueError` for what asks a model to write that can only look.

    own: the name of the channel's template, which a folder of templates may hold.
    """
    wrong = [f"{name}=" for name in ("schema", "template") if asked[name] is not None]
    if asked["style"] and asked["style"].shapes_prompts:
        wrong.append("tone and examples of style=")
    if asked["rewrite"]:
        wrong.append("rewrite=True")
    for name in dict.fromkeys((own, "write.j2")):
        if asked["templates"] and (asked["templates"] / name).exists():
            wrong.append(f"{name} of templates=")
    if not has_tables(asked["language"]):
        wrong.append(f"language={asked['language']!r}")
    if wrong:
        what = f"{model} looks at photos, and rules write its copy"
        need = "need" if " and " in wrong[0] else "needs"
        cure = f"{wrong[0]} {need} a model that writes, such as Qwen2-VL"
        raise ValueError(f"{what}, in {', '.join(COPY_LANGUAGES)}; {cure}")


class Filled(NamedTuple):
    """The object, and the texts that its schema would not let go, by path.

    `composed` are those that were written from the facts instead, `stays` those that stand
    as the model wrote them though nobody vouches for them.
    """

    value: BaseModel
    texts: Mapping[str, str]
    composed: frozenset[str]
    stays: frozenset[str]

    def findings(self, found: Iterable[Finding]) -> Iterator[Finding]:
        """The checks' findings, with what is true of the texts that stayed."""
        for finding in found:
            if finding.field in self.stays and finding.severity == "removed":
                value = self.texts[finding.field]
                shown = printable(value, "value")
                message = (
                    f'kept "{shown}", though the check of "{finding.code}" took '
                    f'"{printable(finding.value, "value")}" out: your schema takes nothing '
                    "else there"
                )
                yield Finding(
                    code=finding.code, field=finding.field, message=message, value=value
                )
            else:
                yield finding
        for path in sorted(self.composed):
            message = "too little was left; written plainly from the facts and the data"
            yield Finding(code="composed", field=path, message=message)


def strings(value: Any, path: str = "") -> dict[str, str]:
    """Every string of a JSON value by its dotted path."""
    match value:
        case str():
            return {path: value}
        case Mapping():
            parts = ((str(k), v) for k, v in value.items())
        case list():
            parts = ((str(i), v) for i, v in enumerate(value))
        case _:
            return {}
    found: dict[str, str] = {}
    for key, part in parts:
        found |= strings(part, f"{path}.{key}" if path else key)
    return found


def fill(
    model: type[BaseModel],
    answer: str,
    texts: Mapping[str, str],
    spare: Callable[[str], str],
) -> Filled:
    """The user's own object of an answer (JSON), with `texts` (path to text) put in.

    A text that no longer fits the schema is composed by `spare` (of its path); where that
    does not fit either it goes back as the model wrote it. Raises `OutputError` when the
    object does not hold otherwise.
    """
    value = json.loads(answer)
    whole = strings(value)
    changed = {path for path, text in whole.items() if texts[path] != text}
    composed: dict[str, str] = {}
    stays: set[str] = set()
    while True:
        own = {path: whole[path] for path in stays}
        filled = {**texts, **composed, **own}
        try:
            made = model.model_validate(_put_in(value, filled))
        except ValidationError as e:
            places = [tuple(map(str, error["loc"])) for error in e.errors()]
            open_ = changed - stays
            wrong = {path for path in open_ if any(_is_at(path, p) for p in places)}
            wrong = wrong or open_  # a rule about several of them
            if not wrong:
                raise _unfit(model, e) from e
            stays |= wrong & composed.keys()
            composed |= {path: spare(path) for path in wrong - stays}
        else:
            by_rules = frozenset(composed.keys() - stays)
            return Filled(made, filled, by_rules, frozenset(stays))


def _is_at(path: str, place: tuple[str, ...]) -> bool:
    """Whether a place of Pydantic's is this path; a union adds its member's name."""
    parts = tuple(path.split("."))
    return place[: len(parts)] == parts


def _unfit(model: type[BaseModel], e: ValidationError) -> OutputError:
    [first, *_] = e.errors(include_url=False)
    where = ".".join(str(part) for part in first["loc"]) or model.__name__
    where = printable(where, "name")
    return OutputError(
        f"{model.__name__}: {where}: {words_of(first['msg'])} (after {e.error_count()} "
        f"checks failed; loosen the model or give the data it asks for)"
    )


def _put_in(value: Any, texts: Mapping[str, Any], path: str = "") -> Any:
    def at(key: object) -> str:
        return f"{path}.{key}" if path else str(key)

    match value:
        case str():
            return texts.get(path, value)
        case dict():
            return {k: _put_in(v, texts, at(k)) for k, v in value.items()}
        case list():
            return [_put_in(v, texts, at(i)) for i, v in enumerate(value)]
        case _:
            return value
