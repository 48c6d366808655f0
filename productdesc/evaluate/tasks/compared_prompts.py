"""Prompts task: templates side by side on the same products, paired.

A prompt is a folder of templates: `observe.j2` of the look turn, `copy.j2` of the write
turn. A model that does not write is compared on its look turn: category and attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from ...digest import json_digest
from ...engines import Engine
from ...net import Http
from ...pipeline import Described, DescribeOptions
from ...pipeline.draft import Outcome
from ...pipeline.options import resolve
from ...records import Product
from ...templating.template_files import shipped_folder
from ...words.tokens import tokenize
from ..comparison import Comparison, compare_samples
from ..task import Case, Metric, Reply, Sample, Task
from . import catalogue_metrics
from .catalogue import NO_INPUTS, Products, answers_of, cases, identity_of
from .labels import Inputs

SHIPPED = "shipped"
PROMPTS: Mapping[str, str] = {
    SHIPPED: "the templates that ship",
    "named": "the same, and it names colours, shape, pattern and context",
    "generic": '"Describe this image." and nothing else',
}
"""What is compared by default, in this order: the others are set against the first."""

COPY = "copy.j2"
"""Of a prompt's folder: the template of the write turn."""


def prompt_folder(name: str) -> Path | None:
    """The folder of a prompt of PROMPTS, or a folder of one's own; None: what ships.

    Raises `ValueError` for what is neither.
    """
    if name == SHIPPED:
        return None
    folder = shipped_folder() / "compared" / name if name in PROMPTS else Path(name)
    if not folder.is_dir():
        raise ValueError(
            f"{name!r} is no prompt and no folder of templates; prompts are "
            f"{', '.join(PROMPTS)}"
        )
    return folder


def prompts_task(
    products: Products,
    engine: Engine,
    options: DescribeOptions | None = None,
    *,
    prompts: Sequence[str] = tuple(PROMPTS),
    inputs: Inputs = NO_INPUTS,
    batch_size: int = 16,
    http: Http | None = None,
) -> Task:
    """The task of describing products by several prompts. See `catalogue_task`.

    prompts: names of PROMPTS, or folders of templates, two or more. Figures are by prompt
    in groups "prompts/named"; `paired_prompts` sets them against the first. Raises
    `ValueError` for fewer, and for a template that the options choose already.
    """
    names = tuple(dict.fromkeys(prompts))
    if len(names) < 2:
        raise ValueError(f"prompts is {names}; give two or more")
    asked: DescribeOptions = {"channel": "plain", **(options or {})}
    if asked.get("template") or asked.get("templates"):
        raise ValueError("prompts chooses the templates itself; leave template out")
    by_prompt: dict[str, DescribeOptions] = {
        name: {**asked, **_templates(prompt_folder(name), writes=engine.info.writes)}
        for name in names
    }
    resolved = {name: resolve(engine.info, of) for name, of in by_prompt.items()}
    first = resolved[names[0]]
    digests = {name: of.digest for name, of in resolved.items()}
    return Task(
        name="prompts",
        cases=partial(_cases, names, partial(cases, products, first, inputs)),
        answers=partial(_answers, engine, by_prompt, batch_size, http),
        metrics=metrics(writes=engine.info.writes),
        identity={
            **identity_of(engine, first, inputs),
            "prompt_digest": json_digest(digests),
            "prompts": digests,
        },
        groups=_groups,
        extra=_paired,
        seed=first.settings.seed,
    )


def _templates(folder: Path | None, *, writes: bool) -> DescribeOptions:
    """The options that choose a prompt; `copy.j2` where the model writes."""
    copy = folder / COPY if folder and writes else None
    return {"templates": folder, "template": copy if copy and copy.is_file() else None}


def _cases(names: Sequence[str], base: Callable[[], Iterator[Case]]) -> Iterator[Case]:
    """Each product once a prompt; products come one after the other."""
    for case in base():
        for name in names:
            yield replace(
                case,
                id=f"{case.id} {name}",
                target={**case.target, "prompt": name, "of": case.id},
                digest=json_digest([case.digest, name]),
            )


def _groups(case: Case) -> Iterator[str]:
    yield f"prompts/{case.target['prompt']}"


def _answers(
    engine: Engine,
    by_prompt: Mapping[str, DescribeOptions],
    batch_size: int,
    http: Http | None,
    cases: Iterable[Case],
) -> Iterator[Reply]:
    """One prompt after the other, each over all products."""
    waiting = list(cases)
    needs = None if engine.info.writes else _look_only
    for name, asked in by_prompt.items():
        about = [case for case in waiting if case.target["prompt"] == name]
        yield from answers_of(engine, asked, batch_size, http, about, needs=needs)


def _look_only(product: Product) -> frozenset[str]:
    return frozenset(("category", "attributes"))


# ---- figures ----------------------------------------------------------------------------


def copy_words(outcome: Outcome) -> list[str]:
    """The words of title, bullets and body, in small letters.

    SEO texts, alt texts and tags say them once more.
    """
    if not isinstance(outcome, Described):
        return []
    found = outcome.description
    texts = (found.title, *found.bullets, found.description)
    return [word.form for text in texts for word in tokenize(text)]


def words(case: Case, outcome: Outcome) -> float:
    """Words of the copy."""
    return float(len(copy_words(outcome)))


def distinct_words(case: Case, outcome: Outcome) -> float:
    """Words of the copy, each once."""
    return float(len(set(copy_words(outcome))))


def metrics(*, writes: bool) -> tuple[Metric, ...]:
    """The figures of each prompt; of a model that does not write, those of its look."""
    of = {metric.name: metric for metric in catalogue_metrics.metrics(())}
    look = ("kind_match", "f1", "attribute_f1", "attribute_precision",
            "attribute_recall", "described")  # fmt: skip
    if not writes:
        return tuple(of[name] for name in look)
    return (
        of["vouched"],
        of["inferred"],
        of["removed"],
        Metric("distinct_words", distinct_words, words),
        Metric("words", words, catalogue_metrics.is_described, is_share=False),
        *(of[name] for name in look),
        of["tokens"],
    )


def paired_prompts(samples: Sequence[Sample]) -> dict[str, Comparison]:
    """Each prompt against the first, on the products that both described."""
    by_prompt: dict[str, list[Sample]] = {}
    for sample in sorted(samples, key=lambda one: one.doc_id):
        of = str(sample.target["of"])
        same = replace(sample, id=of, digest=of)
        by_prompt.setdefault(str(sample.target["prompt"]), []).append(same)
    if not by_prompt:
        return {}
    (_, first), *others = by_prompt.items()
    better = {one.name: one.higher_is_better for one in metrics(writes=True)}
    return {
        name: compare_samples(f"prompts/{name}", first, other, better)
        for name, other in others
        if {one.id for one in first} & {one.id for one in other}
    }


def _paired(samples: Sequence[Sample]) -> dict[str, Any]:
    return {"paired": {name: asdict(of) for name, of in paired_prompts(samples).items()}}
