"""Census: every deterministic model of a small shape, decided, up to the symmetries that the tie rule allows.

shape       the models of a shape, numbered
symmetries  which of them have the same fate, and how many
plan        what a census decides
spans       which numbers of models are there, and which are missing
parts       one part decided, as a Parquet table
work        how large parts are, so that each takes a wanted time
running     all parts, one after another or on Dask; what is there already is not done again
queries     the rows in SQL, by DuckDB
report      exact counts, and the smallest model of each fate
"""
