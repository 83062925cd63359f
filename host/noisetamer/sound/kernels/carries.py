"""A whole number and the remainder below it, which 32 bits keep apart, as one number of 64.

The kernels' sections and detectors carry what a remainder has above its bits into a whole number:

    r += change
    s += r >> 13
    r &= 0x1FFF

In a loop that does nothing else to the two, r can be both, s * 2**13 + r, and the last two lines
are one: `s = r >> 13`. The same numbers, as long as s needs no more than 64 bits with those of r.

Sums of both parts of a number, `high += q >> 15` and `low += q & 0x7FFF`, are likewise had from
`low += q`: it has what is in `high` too, until the loop ends.
"""

import ast
from collections import Counter


def joined(function: ast.FunctionDef) -> ast.FunctionDef:
    """The function with such pairs joined where a loop begins, and parted where it ends."""
    return _Loops().visit(function)


class _Loops(ast.NodeTransformer):
    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        before: list[ast.stmt] = []
        after: list[ast.stmt] = []
        at = 0
        while at + 2 <= len(node.body):
            match node.body[at : at + 3]:
                case [
                    ast.AugAssign(ast.Name(r), ast.Add()),
                    ast.AugAssign(
                        ast.Name(s),
                        ast.Add(),
                        ast.BinOp(ast.Name(above), ast.RShift(), ast.Constant(int() as bits)),
                    ) as carry,
                    ast.AugAssign(ast.Name(below), ast.BitAnd(), ast.Constant(int() as mask)),
                ] if (
                    above == below == r != s
                    and mask == (1 << bits) - 1
                    and uses(node, r) == {ast.Store: 2, ast.Load: 1}
                    and uses(node, s)[ast.Store] == 1
                ):
                    before += ast.parse(f"{r} += {s} << {bits}").body
                    after += ast.parse(f"{r} -= {s} << {bits}").body
                    (whole,) = ast.parse(f"{s} = {r} >> {bits}").body
                    node.body[at + 1 : at + 3] = [ast.copy_location(whole, carry)]
                case [
                    ast.AugAssign(
                        ast.Name(high),
                        ast.Add(),
                        ast.BinOp(ast.Name(number), ast.RShift(), ast.Constant(int() as bits)),
                    ),
                    ast.AugAssign(
                        ast.Name(low),
                        ast.Add(),
                        ast.BinOp(ast.Name(same) as whole, ast.BitAnd(), ast.Constant(mask)),
                    ) as sum_of_rests,
                    *_,
                ] if (
                    number == same
                    and mask == (1 << bits) - 1
                    and uses(node, high) == uses(node, low) == {ast.Store: 1}
                ):
                    before += ast.parse(f"{low} += {high} << {bits}").body
                    after += ast.parse(f"{low} -= {high} << {bits}").body
                    sum_of_rests.value = whole
            at += 1
        return [*before, node, *after]


def uses(statement: ast.stmt, name: str) -> Counter[type[ast.expr_context]]:
    """How often a statement reads a name, and writes it, with all that is in it."""
    return Counter(
        type(node.ctx)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and node.id == name
    )
