"""A training run: steps by its own clock, saved as it goes, in one process or several."""

import copy
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.multiprocessing.spawn import spawn

Say = Callable[[str], None]
Clock = Callable[[], float]
Plan = TypeVar("Plan")


def together(
    train: Callable[[Plan, int], None], plan: Plan, processes: int, meeting: Path
) -> None:
    """Runs `train(plan, rank)` in processes that share gradients, or in this one alone.

    meeting: a file by which they find each other.
    """
    if processes == 1:
        train(plan, 0)
        return
    meeting.unlink(missing_ok=True)
    arguments = train, plan, processes, meeting.resolve().as_uri()
    spawn(_worker, arguments, nprocs=processes)  # type: ignore[no-untyped-call]


def _worker(
    rank: int, train: Callable[[Plan, int], None], plan: Plan, processes: int, meeting: str
) -> None:
    """One of several processes; they share gradients once a step."""
    torch.set_num_threads(max(1, torch.get_num_threads() // processes))
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=processes)
    try:
        train(plan, rank)
    finally:
        dist.destroy_process_group()


def _mean_of_all(values: Tensor) -> Tensor:
    """The mean over the processes that train together; the same values for one alone."""
    if dist.is_initialized():
        dist.all_reduce(values)
        values /= dist.get_world_size()
    return values


def _share_gradients(model: nn.Module) -> None:
    """Several processes of one thread wait for each other once a step, not once a sum."""
    if not dist.is_initialized():
        return
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    mean = _mean_of_all(torch.cat([g.flatten() for g in gradients]))
    for gradient, part in zip(
        gradients, torch.split(mean, [g.numel() for g in gradients]), strict=True
    ):
        gradient.copy_(part.view_as(gradient))


def fast_sums() -> torch.autocast:
    """Matrix products in bfloat16 where the processor has them; weights stay float32."""
    # not in older releases of torch
    features: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    able = bool(features.get("avx512_bf16") or features.get("amx_bf16"))
    return torch.autocast("cpu", torch.bfloat16, enabled=able)


def is_first() -> bool:
    """Whether this process is the one that saves and reports."""
    return not dist.is_initialized() or dist.get_rank() == 0


class Run:
    """A model in training: its optimiser, its running mean, and its minutes so far."""

    def __init__(
        self,
        model: nn.Module,
        path: Path,
        rate: float,
        decay: float,
        pace: Callable[[str], float] = lambda name: 1.0,
    ) -> None:
        self.model = model
        self.path = path
        self.rate = rate
        self.seconds = 0.0
        self.steps = 0
        if dist.is_initialized():
            for value in model.state_dict().values():
                dist.broadcast(value, 0)
        self.mean = copy.deepcopy(model).eval().requires_grad_(False)
        groups: dict[tuple[float, float], list[nn.Parameter]] = {}
        for name, value in model.named_parameters():
            if value.requires_grad:
                shrink = decay if value.ndim > 1 else 0.0
                groups.setdefault((pace(name), shrink), []).append(value)
        self.optimiser = torch.optim.AdamW(
            [
                {"params": values, "pace": share, "weight_decay": shrink}
                for (share, shrink), values in groups.items()
            ],
            lr=rate,
            betas=(0.9, 0.98),
        )
        if path.exists():
            held = torch.load(path, weights_only=True)
            model.load_state_dict(held["model"])
            self.mean.load_state_dict(held["mean"])
            self.optimiser.load_state_dict(held["optimiser"])
            self.seconds, self.steps = held["seconds"], held["steps"]

    def save(self) -> None:
        part = self.path.with_suffix(".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        held = {
            "model": self.model.state_dict(),
            "mean": self.mean.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "seconds": self.seconds,
            "steps": self.steps,
        }
        torch.save(held, part)
        part.replace(self.path)

    def step(self, loss: Tensor, progress: float) -> None:
        """One step; the rate rises over the first 4 % and then falls as a cosine."""
        rise = min(1.0, progress / 0.04 + 0.02)
        rate = self.rate * rise * (0.01 + 0.99 * (1 + math.cos(math.pi * progress)) / 2)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["pace"]
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        _share_gradients(self.model)
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        keep = min(0.998, self.steps / (self.steps + 10))
        with torch.no_grad():
            for kept, new in zip(
                self.mean.state_dict().values(),
                self.model.state_dict().values(),
                strict=True,
            ):
                if kept.is_floating_point():
                    kept.lerp_(new, 1 - keep)
                else:
                    kept.copy_(new)


def until(
    run: Run,
    minutes: float,
    step: Callable[[float], tuple[float, int]],
    report: Callable[[], str],
    say: Say,
    every: float = 180,
    clock: Clock = time.monotonic,
) -> None:
    """Steps until the run's own clock reaches `minutes`; saves and reports as it goes.

    every: seconds between two reports.  clock: seconds that only go up.
    """
    began, before, reported = clock(), run.seconds, run.seconds
    seen, count, losses = 0, 0, 0.0
    while run.seconds < minutes * 60:
        loss, photos = step(run.seconds / (minutes * 60))
        now = clock()
        run.seconds = float(_mean_of_all(torch.tensor(before + now - began)))
        seen, count, losses = seen + photos, count + 1, losses + loss
        if run.seconds - reported > every or run.seconds >= minutes * 60:
            if is_first():
                run.save()
                speed = seen / (run.seconds - reported)
                say(
                    f"{run.path.stem} {run.seconds / 60:.1f} min step {run.steps} "
                    f"loss {losses / count:.3f} {speed:.0f}/s {report()}"
                )
            reported, seen, count, losses = run.seconds, 0, 0, 0.0
