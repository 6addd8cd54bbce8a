"""The certificate checker: standard library only; `python -m proofs_check.checker FILE` runs it."""

from .region import Report as Report
from .region import check as check
from .region import main as main
