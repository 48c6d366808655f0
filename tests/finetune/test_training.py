"""Training: what is learned, what stays as it is, and a run that was killed goes on."""

from __future__ import annotations

import copy
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from doubles.tuning.small_shop import lessons, options, tiny_base
from safetensors.torch import load_file
from transformers import TrainerCallback

from productdesc.engines import EngineInfo, Prompt, QwenOptions, Request, load_engine
from productdesc.errors import CatalogError, EngineError
from productdesc.finetune import (
    BaseModel,
    TrainOptions,
    TrainSummary,
    TuningData,
    make_data,
    read_data,
    train,
)
from productdesc.finetune.training.batches import Examples, collate
from productdesc.finetune.training.lora import LANGUAGE_LAYERS, add_lora, load_base
from productdesc.finetune.training.trainer import make_trainer
from productdesc.photos import load

SHORT = TrainOptions(
    device="cpu", batch_size=2, epochs=100, max_steps=14, every=2, patience=100,
    learning_rate=3e-3,
)  # fmt: skip


OURS = ("labels", "weights", "keeps")  # of a batch, and no input of the model
TITLES: Any = {"channel": "plain", "fields": ["title"]}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    return tiny_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def data(base: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> TuningData:
    out = tmp_path_factory.mktemp("made") / "data"
    make_data(lessons(20), base, out, options(describe=TITLES))
    return read_data(out)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return []


@pytest.fixture(scope="module")
def done(
    base: BaseModel,
    data: TuningData,
    lines: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> TrainSummary:
    out = tmp_path_factory.mktemp("trained") / "adapter"
    return train(data, base, out, SHORT, say=lines.append)


def small(data: TuningData, base: BaseModel, side: str = "train") -> Examples:
    return Examples(data.of(side), data.folder, base)


# ---- the loss ---------------------------------------------------------------------------


def test_the_loss_is_cross_entropy_of_the_answers_each_by_its_weight(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    module, _ = load_base(base, SHORT)
    model = add_lora(module, SHORT)
    sides = small(data, base), small(data, base, "validation")
    trainer = make_trainer(model, *sides, tmp_path, SHORT, print)
    batch = collate([replace(sides[0][0], weight=3.0), sides[0][1]])
    with torch.no_grad():
        loss = trainer.compute_loss(model, batch)
        given = {k: v for k, v in batch.items() if k not in OURS}
        logits = model(**given, use_cache=False).logits.log_softmax(-1)
        labels, total, count = batch["labels"], 0.0, 0
        for row, weight in enumerate((3.0, 1.0)):
            for at in range(1, labels.shape[1]):
                if labels[row, at] != -100:
                    total -= weight * float(logits[row, at - 1, labels[row, at]])
                    count += 1
        # what is said in a place that is not learned changes nothing
        other = {**batch, "labels": labels.clone()}
        silent = (labels == -100) & (batch["input_ids"] == other["input_ids"])
        assert silent.sum() > labels.numel() / 2
        same = trainer.compute_loss(model, other)
    assert math.isfinite(float(loss)) and float(same) == float(loss)
    assert float(loss) == pytest.approx(total / count, rel=1e-4)


def test_what_is_replayed_is_held_to_what_the_base_answered(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    module, _ = load_base(base, SHORT)
    model = add_lora(module, SHORT)
    sides = small(data, base), small(data, base, "validation")
    held = make_trainer(model, *sides, tmp_path, replace(SHORT, kept=1.0), print)
    batch = collate([replace(sides[0][0], keeps=True)])
    with torch.no_grad():
        assert float(held.compute_loss(model, batch)) == pytest.approx(0, abs=1e-5)
        for name, value in model.named_parameters():
            if "lora_B" in name:
                value += 0.05
        apart = float(held.compute_loss(model, batch))
        held.kept = 0.0
        by_label = float(held.compute_loss(model, batch))
        held.kept = 0.5
        both = float(held.compute_loss(model, batch))
    assert apart > 1e-3 and both == pytest.approx((apart + by_label) / 2, rel=1e-4)


def test_only_the_language_layers_are_trained(base: BaseModel) -> None:
    module, _ = load_base(base, SHORT)
    model = add_lora(module, SHORT)
    trained = [name for name, p in model.named_parameters() if p.requires_grad]
    linear = 7 * module.config.text_config.num_hidden_layers
    assert len(trained) == 2 * linear  # A and B of each of seven layers a block
    assert all(".language_model.layers." in name for name in trained)


def test_the_pattern_touches_no_tower_where_its_layers_are_called_alike() -> None:
    """Qwen2.5-VL's tower has gate_proj, up_proj and down_proj, too."""
    from peft import LoraConfig, get_peft_model
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    text = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=2,
                num_attention_heads=2, num_key_value_heads=1, vocab_size=64)  # fmt: skip
    tower = dict(depth=2, hidden_size=32, intermediate_size=64, num_heads=2,
                 out_hidden_size=32)  # fmt: skip
    config = Qwen2_5_VLConfig(
        text_config=text, vision_config=tower, image_token_id=60, video_token_id=61
    )

    def touched(targets: Any) -> set[str]:
        model = get_peft_model(
            Qwen2_5_VLForConditionalGeneration(config), LoraConfig(target_modules=targets)
        )
        return {name for name, p in model.named_parameters() if p.requires_grad}

    usual = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    assert any(".visual." in name for name in touched(usual))
    mine = touched(LANGUAGE_LAYERS)
    assert len(mine) == 2 * 7 * 2 and not any(".visual." in name for name in mine)


# ---- a whole run ------------------------------------------------------------------------


def test_a_run_learns_and_leaves_its_card(
    done: TrainSummary, data: TuningData, lines: list[str]
) -> None:
    assert {p.name for p in done.folder.iterdir()} == {
        "README.md", "adapter_config.json", "adapter_model.safetensors", "card.json",
        "loss.svg", "productdesc.json",
    }  # fmt: skip
    assert not done.folder.with_name("adapter.training").exists()
    card = json.loads((done.folder / "card.json").read_text("utf-8"))
    assert card["best"]["held_out_loss"] < 0.7 * card["first"]["held_out_loss"]
    assert card["data"]["digest"] == data.about.digest
    assert [step for step, _ in card["loss"]] == list(range(1, 15))
    assert card["options"]["learning_rate"] == 3e-3
    assert lines[0].startswith("memory, computed: ") and "Adam" in lines[0]
    assert [line.partition(":")[0] for line in lines[1:]] == [
        f"step {n} of 14" for n in range(2, 15, 2)
    ]
    picture = (done.folder / "loss.svg").read_text("utf-8")
    assert picture.count("<polyline") == 2 and "held out" in picture
    page = (done.folder / "README.md").read_text("utf-8")
    assert data.about.digest in page and "language layers only" in page
    settings = json.loads((done.folder / "adapter_config.json").read_text("utf-8"))
    assert settings["base_model_name_or_path"] == data.about.model
    layers = settings["target_modules"]
    assert len(layers) == 14 and all(".language_model.layers." in n for n in layers)


def test_the_adapter_gives_the_engine_its_list_and_a_digest_of_its_own(
    done: TrainSummary, base: BaseModel, data: TuningData
) -> None:
    folder = base.checkpoint.folder
    plain = load_engine(folder).info
    tuned = load_engine(folder, QwenOptions(adapter=done.folder)).info
    assert tuned.categories == data.about.categories
    assert "gadget" in tuned.categories and "gadget" not in plain.categories
    assert tuned.weights_digest != plain.weights_digest
    assert tuned.options["adapter"] == "adapter"


def test_prompts_of_training_are_for_the_engine_that_loads_the_adapter(
    done: TrainSummary, base: BaseModel, data: TuningData
) -> None:
    tuned = load_engine(base.checkpoint.folder, QwenOptions(adapter=done.folder)).info
    mine = base.info(data.about.categories)

    def shaping(info: EngineInfo) -> tuple[Any, ...]:
        flags = info.branches, info.writes, info.languages
        return info.special_tokens, info.categories, *flags

    assert shaping(mine) == shaping(tuned)


def test_an_adapter_of_other_weights_is_refused(done: TrainSummary, tmp_path: Path) -> None:
    other = tiny_base(tmp_path / "base0", seed=1)
    with pytest.raises(EngineError, match="refused, it was trained on weights"):
        load_engine(other.checkpoint.folder, QwenOptions(adapter=done.folder))


def test_the_best_checkpoint_is_kept_not_the_last(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    wild = replace(SHORT, learning_rate=0.1, max_steps=40, every=1, patience=2)
    found = train(data, base, tmp_path / "a", wild, say=lambda _: None)
    held_out = dict(map(tuple, found.card["held_out"]))
    best = found.card["best"]
    assert best["held_out_loss"] == min(held_out.values())
    assert found.card["run"]["steps"] == best["step"] + 2 < 40  # it stopped early
    module, _ = load_base(base, wild)
    from peft import PeftModel

    model = PeftModel.from_pretrained(module, tmp_path / "a")
    trainer = make_trainer(
        model, small(data, base), small(data, base, "validation"), tmp_path / "w",
        replace(wild, at_once=2), print,
    )  # fmt: skip
    again = trainer.evaluate()["eval_loss"]
    assert again == pytest.approx(best["held_out_loss"], rel=1e-5)


def test_checkpointing_changes_no_loss(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    losses = []
    for again in (False, True):
        given = replace(SHORT, max_steps=2, checkpointing=again)
        found = train(data, base, tmp_path / str(again), given, say=lambda _: None)
        losses.append([loss for _, loss in found.card["loss"]])
        assert found.card["run"]["checkpointing"] is again
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_a_large_batch_in_parts_has_the_loss_of_one_forward(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    losses = []
    for at_once in (2, 1):
        given = replace(SHORT, max_steps=2, at_once=at_once)
        found = train(data, base, tmp_path / str(at_once), given, say=lambda _: None)
        losses.append([loss for _, loss in found.card["loss"]])
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


# ---- killed and resumed -----------------------------------------------------------------


def start(data: TuningData, base: BaseModel, out: Path) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "productdesc", "finetune", "train", str(data.folder),
        "-o", str(out), "--model", str(base.checkpoint.folder), "--device", "cpu",
        "--max-pixels", str(base.max_pixels),
        "--batch-size", "2", "--epochs", "100", "--max-steps", "14", "--every", "2",
        "--patience", "100", "--learning-rate", "3e-3", "--json",
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.timeout(1800)  # two whole commands; a busy machine is slow to load torch
@pytest.mark.heavy
def test_a_killed_run_goes_on_with_the_very_same_losses(
    done: TrainSummary, base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    out = tmp_path / "adapter"
    work = tmp_path / "adapter.training"
    process = start(data, base, out)
    try:
        while not [*work.glob("checkpoint-2/trainer_state.json")]:
            assert process.poll() is None, "it ended before its first checkpoint"
            time.sleep(0.02)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert not out.exists()
    last = max(work.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
    step = int(last.name.split("-")[1])
    assert step <= 4, "it was killed too late to see ten losses more"
    held = {name: (last / name).exists() for name in ("optimizer.pt", "scheduler.pt")}
    assert all(held.values()), held

    resumed = start(data, base, out)
    text, _ = resumed.communicate()
    assert resumed.returncode == 0
    card = json.loads(text)
    whole, again = dict(done.card["loss"]), dict(map(tuple, card["loss"]))
    following = range(step + 1, step + 11)
    assert [again[n] for n in following] == [whole[n] for n in following]
    assert card["held_out"] == [list(point) for point in done.card["held_out"]]
    name = "adapter_model.safetensors"
    mine, theirs = load_file(out / name), load_file(done.folder / name)
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[key], theirs[key]) for key in mine)


class AtStepTwo(TrainerCallback):  # type: ignore[misc]
    """Keeps adapter and optimiser as they are after two steps, or where a run goes on."""

    def __init__(self, seen: list[Any], *, at_start: bool) -> None:
        self._seen, self._at_start = seen, at_start

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        if self._at_start:
            assert state.global_step == 2
            self._keep(**given)

    def on_save(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        if state.global_step == 2:
            self._keep(**given)

    def _keep(self, model: Any, optimizer: Any, **_: Any) -> None:
        trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
        weights = {name: value.detach().clone() for name, value in trained.items()}
        self._seen.append((weights, copy.deepcopy(optimizer.state_dict()["state"])))


def test_adapter_and_optimiser_are_loaded_as_they_were_saved(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    """Of a full model transformers lost the tower's keys here; of an adapter, none."""
    work, given = tmp_path / "work", replace(SHORT, max_steps=4, at_once=2)
    seen = []
    for resume in (None, str(work / "checkpoint-2")):
        module, _ = load_base(base, given)
        before = {k: v.clone() for k, v in module.model.visual.state_dict().items()}
        model = add_lora(module, given)
        sides = small(data, base), small(data, base, "validation")
        trainer = make_trainer(model, *sides, work, given, lambda _: None)
        trainer.add_callback(AtStepTwo(seen, at_start=resume is not None))
        trainer.train(resume_from_checkpoint=resume)
        after = module.model.visual.state_dict()
        assert all(torch.equal(before[key], after[key]) for key in before)
    (first, moments), (second, others) = seen
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(bool(value.any()) for name, value in first.items() if "lora_B" in name)
    assert moments.keys() == others.keys() and len(moments) == len(first)
    for key, values in moments.items():
        for name in ("exp_avg", "exp_avg_sq", "step"):
            assert torch.equal(values[name], others[key][name])


def test_checkpoints_of_another_run_are_not_gone_on_with(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    work = tmp_path / "a.training"
    work.mkdir()
    (work / "run.json").write_text('{"digest": "of another"}', "utf-8")
    with pytest.raises(CatalogError, match="a run with other data, options or model"):
        train(data, base, tmp_path / "a", SHORT)
    given = replace(SHORT, max_steps=1, every=1)
    train(data, base, tmp_path / "a", given, force=True, say=lambda _: None)
    with pytest.raises(CatalogError, match="is there already"):
        train(data, base, tmp_path / "a", given)


# ---- refused ----------------------------------------------------------------------------


def test_data_made_for_another_model_or_other_photos_is_refused(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    other = tiny_base(tmp_path / "other", seed=1)
    with pytest.raises(CatalogError, match=r"was made for base\d* .*make the data anew"):
        train(data, other, tmp_path / "a", SHORT)
    smaller = replace(base, max_pixels=28 * 28 * 10)
    with pytest.raises(CatalogError, match="this run reads 7,840"):
        train(data, smaller, tmp_path / "a", SHORT)


def test_data_without_a_held_out_side_is_refused(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    some = tuple(one for one in data.examples if one.split != "validation")
    with pytest.raises(CatalogError, match="no example to tune by"):
        train(replace(data, examples=some), base, tmp_path / "a", SHORT)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("rank", 0, "rank is 0; it is 1 to 512"),
        ("learning_rate", 1.0, "learning_rate is 1.0; it is 1e-07 to 0.1"),
        ("epochs", math.nan, "epochs is nan"),
        ("patience", 0, "patience is 0"),
        ("at_once", 3, "at_once is 3; it must divide batch_size, 8"),
    ],
)
def test_options_out_of_range_are_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainOptions(**{name: value})


def test_a_dtype_that_cannot_be_trained_in_is_refused(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="int8 cannot be trained in; use bfloat16"):
        train(data, base, tmp_path / "a", replace(SHORT, dtype="int8"))


def test_memory_that_is_not_there_is_told_before_it_starts(
    base: BaseModel, data: TuningData
) -> None:
    from productdesc.finetune.training.training_memory import Work, memory_terms

    module, _ = load_base(base, SHORT)
    work = Work(rows=4, tokens=2000, scored=300, patches=4000)
    terms = {
        again: memory_terms(module.config, 10**9, 10**7, work, 2, again=again)
        for again in (False, True)
    }
    assert terms[True]["activations"] < terms[False]["activations"]
    assert terms[True]["weights"] == 2 * 10**9
    assert terms[True]["adapter, gradients and Adam"] == 16 * 10**7


def test_a_loss_that_is_no_number_is_an_error(
    base: BaseModel, data: TuningData, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(base.checkpoint.folder, broken)
    from safetensors.torch import save_file

    weights = load_file(broken / "model.safetensors")
    weights["model.norm.weight"][:] = math.inf
    save_file(weights, broken / "model.safetensors", {"format": "pt"})
    bad = BaseModel.find(broken, max_pixels=base.max_pixels)
    about = data.about.model_copy(update={"base_digest": bad.digest})
    given = replace(SHORT, max_steps=2, every=1)
    with pytest.raises(EngineError, match="no finite number any more"):
        train(replace(data, about=about), bad, tmp_path / "a", given, say=lambda _: None)
    assert not (tmp_path / "a").exists()


# ---- learning ---------------------------------------------------------------------------

SHORT_TEMPLATES = {
    "system.j2": "Look and write.",
    "observe.j2": "What is it?",
    "write.j2": "{{ fields[0].name }}?",
}
"""Of a few tokens, so that a thousand steps take seconds."""


@pytest.mark.heavy
def test_a_random_model_learns_twenty_products_by_heart(
    base: BaseModel, tmp_path: Path
) -> None:
    """All twenty are trained on and measured by: kind, colour and title of each photo.

    The base is random and frozen, photo tower and all. Its rank is as large as its layers.
    The loss stops at 0.0099 a token: the final norm and the output head are frozen too, and
    bound how sure of a token the model can be. A search for the best state of each token,
    all counted alike, stopped near there (0.011); it is an estimate and no proof.
    """
    templates = tmp_path / "templates"
    templates.mkdir()
    for name, text in SHORT_TEMPLATES.items():
        (templates / name).write_text(text, "utf-8")
    out = tmp_path / "data"
    make_data(lessons(20), base, out, options(describe={**TITLES, "templates": templates}))
    data = read_data(out)
    all_twenty = [one.model_copy(update={"split": "train"}) for one in data.examples]
    same = [one.model_copy(update={"split": "validation"}) for one in data.examples]
    by_heart = replace(data, examples=(*all_twenty, *same))
    given = TrainOptions(
        device="cpu", rank=64, alpha=64, learning_rate=3e-3, batch_size=20, at_once=20,
        epochs=1_000, max_steps=STEPS, every=STEPS // 4, patience=100,
    )  # fmt: skip
    found = train(by_heart, base, tmp_path / "a", given, say=print)
    assert found.card["best"]["held_out_loss"] < 0.01
    how = QwenOptions(adapter=tmp_path / "a", max_pixels=base.max_pixels)
    tuned, right = load_engine(base.checkpoint.folder, how), 0
    for one in data.examples:
        photos = tuple(load(data.folder / name) for name in one.photos)
        look = one.turns[0]
        kinds = {"category": {"enum": [*data.about.categories]}}
        schema = {"type": "object", "properties": kinds, "required": ["category"]}
        [answer] = tuned.generate([Request(Prompt(look.system, look.text, photos), schema)])
        right += json.loads(answer.text)["category"] == one.kind
    assert right == len(data.examples) == 20


STEPS = 1_200
