"""Where things lie: the project, its documents, and real models beside it (tests of these are skipped without)."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
REAL = ROOT.parent / "shared" / "models"
