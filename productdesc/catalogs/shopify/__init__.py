"""Shopify: its Admin GraphQL API (`admin`) and its product CSV (`csv_file`)."""
