"""The schema that the Shopify stand-in executes: the real one where it is at hand.

The small one below names just the types that this project uses, in the real one's words;
a test holds it to be a part of the real one.
"""

from __future__ import annotations

import functools
import gzip
from pathlib import Path

from graphql import GraphQLSchema, build_schema

SHARED = Path(__file__).resolve().parents[4] / "shared"
FOLDER = SHARED / "catalogs" / "shopify-admin-graphql"


def real(version: str) -> Path:
    return FOLDER / f"admin_{version}.graphql.gz"


@functools.cache
def schema(version: str = "") -> GraphQLSchema:
    """The real schema of a version, or the small one for ""."""
    text = gzip.decompress(real(version).read_bytes()).decode() if version else SMALL
    # Shopify's own breaks a rule about deprecated fields, so nothing is checked here
    return build_schema(text, assume_valid=True, no_location=True)


def best(version: str) -> GraphQLSchema:
    """The real schema of a version if it is on this machine, the small one if not."""
    return schema(version) if real(version).is_file() else schema()


SMALL = """
scalar HTML
scalar URL
scalar UnsignedInt64

interface Node { id: ID! }

type QueryRoot {
  product(id: ID!): Product
  productByIdentifier(identifier: ProductIdentifierInput!): Product
  products(
    first: Int, after: String, last: Int, before: String, reverse: Boolean = false,
    sortKey: ProductSortKeys = ID, query: String
  ): ProductConnection!
  nodes(ids: [ID!]!): [Node]!
  shopLocales(published: Boolean = false): [ShopLocale!]!
  translatableResources(
    first: Int, after: String, last: Int, before: String, reverse: Boolean = false,
    resourceType: TranslatableResourceType!
  ): TranslatableResourceConnection!
  translatableResourcesByIds(
    first: Int, after: String, last: Int, before: String, reverse: Boolean = false,
    resourceIds: [ID!]!
  ): TranslatableResourceConnection!
  bulkOperation(id: ID!): BulkOperation
  bulkOperations(
    first: Int, after: String, last: Int, before: String, reverse: Boolean = false,
    sortKey: BulkOperationsSortKeys = CREATED_AT, query: String
  ): BulkOperationConnection!
}

type Mutation {
  productUpdate(product: ProductUpdateInput): ProductUpdatePayload
  fileUpdate(files: [FileUpdateInput!]!): FileUpdatePayload
  translationsRegister(
    resourceId: ID!, translations: [TranslationInput!]!
  ): TranslationsRegisterPayload
  translationsRemove(
    resourceId: ID!, translationKeys: [String!]!, locales: [String!]!, marketIds: [ID!]
  ): TranslationsRemovePayload
  stagedUploadsCreate(input: [StagedUploadInput!]!): StagedUploadsCreatePayload
  bulkOperationRunQuery(query: String!, groupObjects: Boolean!):
    BulkOperationRunQueryPayload
  bulkOperationRunMutation(mutation: String!, stagedUploadPath: String!):
    BulkOperationRunMutationPayload
}

schema { query: QueryRoot mutation: Mutation }

enum ProductSortKeys { ID }
enum TranslatableResourceType { MEDIA_IMAGE PRODUCT }
enum TranslationErrorCode {
  BLANK FAILS_RESOURCE_VALIDATION INVALID_KEY_FOR_MODEL INVALID_LOCALE_FOR_SHOP
  INVALID_TRANSLATABLE_CONTENT RESOURCE_NOT_FOUND TOO_MANY_KEYS_FOR_RESOURCE
}
enum BulkOperationsSortKeys { CREATED_AT COMPLETED_AT }
enum MediaContentType { EXTERNAL_VIDEO IMAGE MODEL_3D VIDEO }
enum FileStatus { FAILED PROCESSING READY UPLOADED }
enum BulkOperationErrorCode { ACCESS_DENIED INTERNAL_SERVER_ERROR TIMEOUT }
enum BulkOperationStatus { CANCELED CANCELING COMPLETED CREATED EXPIRED FAILED RUNNING }
enum StagedUploadTargetGenerateUploadResource { BULK_MUTATION_VARIABLES }
enum StagedUploadHttpMethodType { POST PUT }

type PageInfo {
  hasNextPage: Boolean! hasPreviousPage: Boolean! endCursor: String startCursor: String
}
type ProductConnection {
  edges: [ProductEdge!]! nodes: [Product!]! pageInfo: PageInfo!
}
type ProductEdge { cursor: String! node: Product! }
type Product implements Node {
  id: ID!
  handle: String!
  title: String!
  descriptionHtml: HTML!
  vendor: String!
  productType: String!
  tags: [String!]!
  seo: SEO!
  category: TaxonomyCategory
  options(first: Int): [ProductOption!]!
  media(first: Int, after: String): MediaConnection!
  metafields(first: Int, after: String): MetafieldConnection!
  variants(first: Int, after: String): ProductVariantConnection!
}
type ProductVariantConnection {
  edges: [ProductVariantEdge!]! nodes: [ProductVariant!]! pageInfo: PageInfo!
}
type ProductVariantEdge { cursor: String! node: ProductVariant! }
type ProductVariant implements Node {
  id: ID!
  sku: String
  selectedOptions: [SelectedOption!]!
  media(first: Int, after: String): MediaConnection!
}
type SelectedOption { name: String! value: String! }
type SEO { title: String description: String }
type TaxonomyCategory implements Node { id: ID! fullName: String! }
type ProductOption implements Node { id: ID! name: String! values: [String!]! }
type MediaConnection { edges: [MediaEdge!]! nodes: [Media!]! pageInfo: PageInfo! }
type MediaEdge { cursor: String! node: Media! }
interface Media { id: ID! alt: String mediaContentType: MediaContentType! }
interface File { id: ID! alt: String fileStatus: FileStatus! }
type Image { url: URL! }
type MediaImage implements Node & Media & File {
  id: ID!
  alt: String
  mediaContentType: MediaContentType!
  fileStatus: FileStatus!
  image: Image
}
type Video implements Node & Media & File {
  id: ID! alt: String mediaContentType: MediaContentType! fileStatus: FileStatus!
}
type MetafieldConnection {
  edges: [MetafieldEdge!]! nodes: [Metafield!]! pageInfo: PageInfo!
}
type MetafieldEdge { cursor: String! node: Metafield! }
type Metafield implements Node {
  id: ID! namespace: String! key: String! type: String! value: String!
}
type ShopLocale {
  locale: String! name: String! primary: Boolean! published: Boolean!
}
type TranslatableResourceConnection {
  edges: [TranslatableResourceEdge!]! nodes: [TranslatableResource!]! pageInfo: PageInfo!
}
type TranslatableResourceEdge { cursor: String! node: TranslatableResource! }
type TranslatableResource {
  resourceId: ID!
  translatableContent(marketId: ID): [TranslatableContent!]!
  translations(locale: String!, marketId: ID, outdated: Boolean): [Translation!]!
}
type TranslatableContent { key: String! value: String digest: String locale: String! }
type Translation { key: String! value: String locale: String! outdated: Boolean! }
type BulkOperation implements Node {
  id: ID!
  status: BulkOperationStatus!
  errorCode: BulkOperationErrorCode
  rootObjectCount: UnsignedInt64!
  fileSize: UnsignedInt64
  url: URL
  partialDataUrl: URL
}
type BulkOperationConnection { nodes: [BulkOperation!]! pageInfo: PageInfo! }

input ProductIdentifierInput @oneOf { id: ID handle: String }
input ProductUpdateInput {
  id: ID
  handle: String
  title: String
  descriptionHtml: String
  seo: SEOInput
  category: ID
  tags: [String!]
  metafields: [MetafieldInput!]
}
input SEOInput { title: String description: String }
input MetafieldInput { namespace: String key: String type: String value: String }
input FileUpdateInput { id: ID! alt: String }
input TranslationInput {
  locale: String!
  key: String!
  value: String!
  translatableContentDigest: String!
  marketId: ID
}
input StagedUploadInput {
  resource: StagedUploadTargetGenerateUploadResource!
  filename: String!
  mimeType: String!
  httpMethod: StagedUploadHttpMethodType = PUT
}

interface DisplayableError { field: [String!] message: String! }
type UserError implements DisplayableError { field: [String!] message: String! }
type FilesUserError implements DisplayableError { field: [String!] message: String! }
type BulkOperationUserError implements DisplayableError {
  field: [String!] message: String!
}
type BulkMutationUserError implements DisplayableError {
  field: [String!] message: String!
}
type TranslationUserError implements DisplayableError {
  code: TranslationErrorCode field: [String!] message: String!
}
type TranslationsRegisterPayload {
  translations: [Translation!] userErrors: [TranslationUserError!]!
}
type TranslationsRemovePayload {
  translations: [Translation!] userErrors: [TranslationUserError!]!
}
type ProductUpdatePayload { product: Product userErrors: [UserError!]! }
type FileUpdatePayload { files: [File!] userErrors: [FilesUserError!]! }
type StagedUploadsCreatePayload {
  stagedTargets: [StagedMediaUploadTarget!] userErrors: [UserError!]!
}
type StagedMediaUploadTarget { url: URL parameters: [StagedUploadParameter!]! }
type StagedUploadParameter { name: String! value: String! }
type BulkOperationRunQueryPayload {
  bulkOperation: BulkOperation userErrors: [BulkOperationUserError!]!
}
type BulkOperationRunMutationPayload {
  bulkOperation: BulkOperation userErrors: [BulkMutationUserError!]!
}
"""
