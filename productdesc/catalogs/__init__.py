"""Shops and files: where products come from and where their copy goes; one file each."""
