"""The page reference/ops.md, made from the op table: a hook of mkdocs, which builds it with the site.

``python docs/generate_ops.py`` prints it.
"""

from __future__ import annotations

from typing import Any

from ndgrad.autograd import batching
from ndgrad.report import source
from ndgrad.rows import Op, registered

HEAD = """\
# Ops

The rows of the op table, from which this page is generated. Functions that are compositions of these have no row.
What the columns mean:

- **Derivative**: `rule` is a rule of the row; `body` follows from its decomposition; none: the result never requires
  grad.
- **vmap**: how the op is mapped over a batch: `elementwise`, by its `axis`, by its `shape`, over `leading` axes, by a
  `rule` of its own, through its `body`, or in a `loop`.
- **cpu**: who computes it there: `backend`, a kernel of ndgrad-cpu; `namespace`, NumPy's function; `row`, the row's own
  kernel; `body`, its decomposition. Rows with none only record how a tensor came about.

| Op | Operands | Derivative | vmap | cpu |
|---|---|---|---|---|
"""


def derivative(op: Op) -> str:
    return "rule" if op.differentiable else "body" if op.derived else ""


def mapped(op: Op) -> str:
    rule = batching.rule_of(op)
    if rule is None:
        return "body"
    if isinstance(op.batch, str):
        return op.batch.replace("axes", "axis")
    return {"_elementwise": "elementwise", "_one_by_one": "loop"}.get(rule.__name__, "rule")


def page() -> str:
    rows = []
    for name, op in sorted(registered().items()):
        operands = [f"*{operand}" if op.variadic and operand == op.operands[-1] else operand for operand in op.operands]
        served = source(op, "cpu").replace("decomposition", "body").replace("nothing", "")
        rows.append(f"| `{name}` | `{', '.join(operands)}` | {derivative(op)} | {mapped(op)} | {served} |\n")
    return HEAD + "".join(rows)


def on_files(files: Any, *, config: Any) -> Any:
    """mkdocs calls this with the site's files."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, "reference/ops.md", content=page()))
    return files


if __name__ == "__main__":
    print(page(), end="")
