"""Login at a Vendure shop: an administrator's name and password in, a token out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from ...errors import CatalogError, FetchError
from ...net import Http, HttpReply, NetworkAccess
from ...net.network_access import NO_ACCESS
from ...secret import Secret
from .client import JSON_HEADERS, api_url, shop_http
from .documents import LOGIN
from .replies import Answered, error_result, judge

TOKEN_HEADER = "vendure-auth-token"


def log_in(
    url: str,
    username: str,
    password: str | Secret,
    *,
    network: NetworkAccess = NO_ACCESS,
    http: Http | None = None,
) -> Secret:
    """The token of a new session, for `VendureClient`. Raises `CatalogError`.

    The session ends as the shop's authOptions.sessionDuration says: a year, where it says
    nothing. http: in place of the client that is made here; it is not closed here.
    """
    url = api_url(url)
    given = password if isinstance(password, Secret) else Secret(password)
    variables = {"username": username, "password": given.reveal()}
    body = {
        "operationName": LOGIN.name,
        "query": LOGIN.text,
        "variables": variables,
    }
    used = http or shop_http(url, network)
    try:
        reply = used.send(
            "POST",
            url,
            headers=JSON_HEADERS,
            content=json.dumps(body).encode(),
            follow=False,
        )
    except FetchError as e:
        raise CatalogError(f"{url}: logging in: {given.hide(str(e))}") from None
    finally:
        if http is None:
            used.close()
    shown = given.hide(reply.body.decode("utf-8", "replace")).encode()
    outcome = judge(
        HttpReply(reply.status, reply.headers, shown, reply.url), datetime.now(UTC)
    )
    if not isinstance(outcome, Answered):
        raise CatalogError(f"{url}: logging in: {outcome.reason}")
    if why := error_result(outcome.data.get("login")):
        raise CatalogError(f"{url}: logging in: {why}")
    token = reply.headers.get(TOKEN_HEADER, "")
    if not token:
        raise CatalogError(
            f"{url}: the login gave no {TOKEN_HEADER}; the shop's authOptions.tokenMethod "
            "must hold 'bearer', or use an API key"
        )
    return Secret(token)
