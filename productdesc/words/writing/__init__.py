"""Writing: the words of composed copy, which rules put together from facts and data.

`copy_tables` reads the tables here, `noun_phrases` makes articles and colours agree,
`written_attribute` writes an attribute as people write it.
"""
