"""WooCommerce: its REST API (`rest`) and its product CSV (`csv_file`)."""
