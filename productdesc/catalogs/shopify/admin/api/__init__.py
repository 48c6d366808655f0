"""Shopify's Admin GraphQL API: client, rate limit, queries, replies, bulk operations."""
