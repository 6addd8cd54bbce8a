"""Write the checker as one stand-alone file: `python -m proofs_check.checker.build [checker.pyz]`.

`python -I -S checker.pyz FILE...` then runs it without this repository.
"""

import shutil
import sys
import tempfile
import zipapp
from pathlib import Path

FOLDER = Path(__file__).parent


def build(target: Path) -> Path:
    """Write the archive of this folder's modules and what starts it; return its path."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "checker").mkdir()
        for path in sorted(FOLDER.glob("*.py")):
            if path.name != Path(__file__).name:
                shutil.copyfile(path, Path(work) / "checker" / path.name)
        start = "import sys\nfrom checker import main\n\nsys.exit(main(sys.argv[1:]))\n"
        (Path(work) / "__main__.py").write_text(start, encoding="utf-8")
        zipapp.create_archive(work, target, interpreter="/usr/bin/env python3")
    return target


if __name__ == "__main__":
    print(build(Path(sys.argv[1] if len(sys.argv) > 1 else "checker.pyz")))
