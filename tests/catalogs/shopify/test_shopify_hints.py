"""What Shopify refuses, and what is said to be wrong then.

The words are those of Shopify's documentation (access scopes, status and error codes), not
recorded from a live shop.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from doubles.shop_servers.shopify_server import DOMAIN

from productdesc.catalogs.http_outcome import Closed
from productdesc.catalogs.shopify.admin import ShopifyClient
from productdesc.catalogs.shopify.admin.api.replies import judge
from productdesc.net import HttpReply, NetworkAccess

URL = f"https://{DOMAIN}/admin/api/2026-10/graphql.json"


def reason(status: int, body: object, **headers: str) -> str:
    reply = HttpReply(status, headers, json.dumps(body).encode(), URL)
    outcome, _ = judge(reply, datetime.now(UTC))
    assert isinstance(outcome, Closed)
    return outcome.reason


def denied(message: str) -> str:
    extensions = {
        "code": "ACCESS_DENIED",
        "documentation": "https://shopify.dev/api/usage/access-scopes",
    }
    return reason(200, {"errors": [{"message": message, "extensions": extensions}]})


@pytest.mark.parametrize(
    ("message", "scopes"),
    [
        (
            "Access denied for products field. Required access: `read_products` access "
            "scope.",
            "read_products",
        ),
        (
            "Access denied for productUpdate field. Required access: `write_products` "
            "access scope. Also: The user must have a permission to create products.",
            "write_products",
        ),
        (
            "Access denied for fileUpdate field. Required access: `write_files` access "
            "scope or `write_themes` access scope.",
            "write_files or write_themes",
        ),
    ],
)
def test_an_access_scope_that_is_missing_is_named(message: str, scopes: str) -> None:
    text = denied(message)
    assert f"its app lacks the access scope {scopes}; add it to the app" in text
    assert message in text


def test_a_403_names_the_scope_that_it_asks_for() -> None:
    body = {
        "errors": "[API] This action requires merchant approval for read_products scope."
    }
    assert (
        "403: the token may not do this: its app lacks the access scope read_products"
        in (reason(403, body))
    )


def test_a_refusal_without_a_scope_leads_to_the_page_that_lists_them() -> None:
    assert "see the access scopes in docs/shopify.md" in denied("Access denied.")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "is it an Admin API access token of this very shop"),
        (402, "its bill is not paid"),
        (404, "is the name before .myshopify.com the one"),
        (423, "the shop is locked"),
        (430, "took the requests for an attack"),
    ],
)
def test_a_status_comes_with_what_may_be_wrong(status: int, says: str) -> None:
    assert says in reason(status, {"errors": "Not Found"})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_domain_that_sends_on_is_told_with_where_to(status: int) -> None:
    text = reason(status, {}, location="https://new-name.myshopify.com/admin?token=x")
    assert "it answers from another address, 'https://new-name.myshopify.com/admin'" in text
    assert "token" not in text


@pytest.mark.parametrize(
    ("domain", "says"),
    [
        ("https://my-shop.myshopify.com", "path: my-shop.myshopify.com"),
        ("HTTPS://My-Shop.myshopify.com/admin", "path: my-shop.myshopify.com"),
        ("my-shop.myshopify.com/", "path: my-shop.myshopify.com"),
        ("https://admin.shopify.com/store/my-shop/products", "my-shop.myshopify.com"),
        ("my-shop", "path: my-shop.myshopify.com"),
        ("www.acme.example", "a shop's own web address is not it"),
        ("https://acme.example/", "a shop's own web address is not it"),
        ("my-shop.myshopify.com.evil.example", "a shop's own web address is not it"),
    ],
)
def test_a_domain_that_is_none_is_put_right(domain: str, says: str) -> None:
    with pytest.raises(ValueError, match="is no Shopify domain") as raised:
        ShopifyClient(domain, "shpat_0")
    assert says in str(raised.value)


def test_a_network_of_ones_own_changes_no_limit() -> None:
    network = NetworkAccess(f"https://{DOMAIN}")
    with (
        ShopifyClient(DOMAIN, "shpat_0") as plain,
        ShopifyClient(DOMAIN, "shpat_0", network=network) as own,
    ):
        assert vars(own)["_http"].policy == vars(plain)["_http"].policy
        assert own.files.policy == plain.files.policy
