"""Kept certificates: one JSON file each, named in `kept`; the checker needs nothing else to re-verify them."""
