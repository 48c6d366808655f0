"""P20: unattended for long, with all faults at random; a seed replays it.

pytest tests/sync/publishing/test_soak.py -m heavy --soak-seconds 1800 --soak-seed 7
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from doubles.publishing.small_shops import SHOPS
from doubles.publishing.soak import soak


@pytest.mark.parametrize("kind", SHOPS, ids=lambda kind: kind.name)
def test_p20_one_round_of_the_soak(kind: type, tmp_path: Path) -> None:
    assert soak([kind], 1, 0.0, tmp_path) == 1


@pytest.mark.heavy
@pytest.mark.timeout(0)  # it takes as long as it is told
def test_p20_a_soak_conserves_every_row_and_leaves_nothing_in_doubt(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    seconds = float(request.config.getoption("--soak-seconds"))
    seed = int(request.config.getoption("--soak-seed")) or random.randrange(1, 10**9)
    print(f"soak: seed {seed}")
    rounds = soak(SHOPS, seed, seconds, tmp_path)
    print(f"soak: {rounds} rounds in {seconds:g} s")
