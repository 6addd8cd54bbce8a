"""Formulas as MathML, converted when the site is built: no script and no network when it is read."""

from typing import Any

from proofs_check.report.formulas import mathml


def _inline(translator: Any, node: Any) -> None:
    translator.body.append(mathml(node.astext(), display=False))
    _skip()


def _block(translator: Any, node: Any) -> None:
    translator.body.append(f'<div class="math" style="overflow-x: auto" tabindex="0">{mathml(node.astext())}</div>')
    _skip()


def _skip() -> None:
    from docutils.nodes import SkipNode

    raise SkipNode


def setup(app: Any) -> dict[str, Any]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
