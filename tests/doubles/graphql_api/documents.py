"""GraphQL documents of the stand-ins, parsed and held against a schema once.

A client sends the same few documents again and again, with other variables.
"""

from __future__ import annotations

from functools import lru_cache

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate

KEPT = 256
"""Documents; a test sends a few."""


@lru_cache(KEPT)
def parsed(text: str) -> DocumentNode:
    return parse(text)


@lru_cache(KEPT)
def against(schema: GraphQLSchema, text: str) -> tuple[GraphQLError, ...]:
    """What is wrong with a document by a schema."""
    return tuple(validate(schema, parsed(text)))
