"""Every size at which one form of F takes over from another, and every size within which a form keeps.

Tests change a threshold here, in one place, to see a form on models that are too small for it. Each was measured
(benchmarks, docs/speed.md): next to it stands what is lost on its wrong side.
"""

#: A float form of F may always take so many bytes, and else as many as the model itself: memory, not time, decides.
FLOAT_BYTES = 1 << 24
#: Bytes of float rows that are computed together, and bytes that a row of a sparse model takes while it is read.
PIECE_BYTES, WORKING_BYTES = 1 << 20, 64
#: From so many states on moments are kept sparse where at most this share of them is stored. Below, a dense product is
#: as fast whatever the fill; above, it takes 1.7 to 3 times as long.
SPARSE_STATES, SPARSE_FILL = 256, 0.1
#: Exact blocks may always take so many bytes, and else as many as the model itself; beyond, nothing of F is kept, and
#: a step takes 1.5 times as long.
EXACT_BYTES = 1 << 22
#: Exact blocks of on-policy data are remembered up to so many bytes, or up to this share of the model's size.
REMEMBERED_BYTES, REMEMBERED_SHARE = 1 << 20, 0.5
#: Exact joint tables that are fitted together may always take so many bytes, and else this share of the model's size.
TABLE_BYTES, TABLE_SHARE = 1 << 19, 1 / 16
#: From so many states on an exact run packs the digits of its values: objects take more than the digits.
PACKED_STATES = 64
