"""Figures for a person: the results of an evaluation, and of a comparison, in lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...evaluate import Comparison, Figure


def results_text(task: str, results: Mapping[str, Any], out: Path | None) -> str:
    """Every figure of a run with its interval."""
    from ...evaluate.evaluation import figure_of, metric_names

    counts, products = results["n-samples"][task], results["n-products"][task]
    shown = [f"{task}: {counts['effective']} samples of {products} products, "
             f"{results['failed']} not answered, "
             f"{results['total_evaluation_time_seconds']:.1f} s"]  # fmt: skip
    shown.append(_identity(results["configs"][task], results["config"]["random_seed"]))
    if results["config"]["limit"]:
        shown.append("only the first were taken (--limit): no figure to publish")
    for group in results["results"]:
        if group != task:
            shown.append(group)
        for name in metric_names(results, group):
            if figure := figure_of(results, group, name):
                shown.append(f"  {name:<28} {_figure(figure)}")
    if note := results.get("note"):
        shown.append(str(note))
    rough = results["interval"]["rough_below_products"]
    shown.append(f"95 % intervals, by product; ~ : fewer than {rough} products, so rough")
    if out:
        shown.append(f"kept in {out}; report.html shows the worst first")
    return "\n".join(shown)


def _identity(shaped_by: Mapping[str, Any], seed: int) -> str:
    """What shaped the answers, by its digests."""
    model = " ".join(filter(None, (shaped_by["model"], shaped_by["model_revision"])))
    weights, prompts = (shaped_by[f"{n}_digest"][:12] for n in ("weights", "prompt"))
    return f"model {model}, weights {weights}, prompts and options {prompts}, seed {seed}"


def _figure(figure: Figure) -> str:
    reach = "" if figure.low is None or figure.high is None else (
        f"({figure.low:.4f} to {figure.high:.4f}){' ~' if figure.is_rough else ''}"
    )  # fmt: skip
    return f"{figure.value:.4f}  {reach:<24} n {figure.n}"


def comparison_text(found: Comparison) -> str:
    """Every difference of two runs with its interval."""
    shown = [f"{found.task}: {found.n} samples of {found.clusters} products in both runs, "
             f"{found.unpaired} in one only or changed; second minus first"]  # fmt: skip
    for one in found.differences:
        mark = " *" if one.is_clear else ""
        shown.append(
            f"  {one.metric:<28} {_figure(one.second_minus_first)}{mark}  better "
            f"{one.turned_right}, worse {one.turned_wrong}"
        )
    shown.append("95 % intervals of paired differences, by product; * : 0 is outside")
    return "\n".join(shown)
