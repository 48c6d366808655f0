"""Tables of products in columns of any name: CSV, TSV and Parquet."""
