"""The Shopify Admin API adapter against its stand-in."""

from __future__ import annotations

import copy
import pickle

import pytest

from productdesc.catalogs.secret import Secret


def test_a_secret_shows_itself_only_when_asked_by_name() -> None:
    secret = Secret("shpat_canary")
    shown = [str(secret), repr(secret), f"{secret}", f"{secret:>20}", f"{secret!r}"]
    shown += ["%s" % secret, repr([secret]), repr({"token": secret})]  # noqa: UP031
    assert "canary" not in " ".join(shown)
    assert secret.reveal() == "shpat_canary"
    with pytest.raises(TypeError):
        vars(secret)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
    with pytest.raises(TypeError, match="not pickled"):
        copy.deepcopy(secret)


@pytest.mark.parametrize("value", ["", "shpat_canary\n", " shpat_canary", "shpat_canaryé"])
def test_a_secret_that_no_header_can_carry_is_refused_unseen(value: str) -> None:
    with pytest.raises(ValueError) as caught:
        Secret(value)
    assert "canary" not in str(caught.value)
