"""A whole number and the remainder below it, which 32 bits keep apart, as one number of 64.

The kernels' sections and detectors carry what a remainder has above its bits into a whole number:

    r += change
    s += r >> 13
    r &= 0x1FFF

In a loop that does nothing else to the two, r can be both, s * 2**13 + r, and the last two lines
are one: `s = r >> 13`. The same numbers, as long as s needs no more than 64 bits with those of r.

Sums of both parts of a number, `high += q >> 15` and `low += q & 0x7FFF`, are likewise had from
`low += q`: it has what is in `high` too, until the loop ends. Where they are read after it only
as `high + (low >> 15)` and `low & 0x7FFF`, there is no `high` in it at all.
"""

import ast
from collections import Counter
from collections.abc import Iterator


def joined(function: ast.FunctionDef) -> ast.FunctionDef:
    """The function with such pairs joined where a loop begins, and parted where it ends."""
    body: list[ast.stmt] = []
    for at, statement in enumerate(function.body):
        if isinstance(statement, ast.While):
            body += _loop(statement, function.body[at + 1 :])
        else:
            body.append(statement)
    function.body = body
    return function


def _loop(node: ast.While, following: list[ast.stmt]) -> list[ast.stmt]:
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
                    ast.BinOp(ast.Name(same) as whole, ast.BitAnd(), ast.Constant(int() as mask)),
                ) as sum_of_rests,
                *_,
            ] if (
                number == same
                and mask == (1 << bits) - 1
                and uses(node, high) == uses(node, low) == {ast.Store: 1}
            ):
                before += ast.parse(f"{low} += {high} << {bits}").body
                sum_of_rests.value = whole
                if _are_carried(high, low, bits, following):
                    del node.body[at]
                    after += ast.parse(f"{high} = 0").body
                else:
                    after += ast.parse(f"{low} -= {high} << {bits}").body
        at += 1
    return [*before, node, *after]


def _are_carried(high: str, low: str, bits: int, following: list[ast.stmt]) -> bool:
    """Whether what follows takes both sums only with what `low` has above its bits in `high`."""
    taken = {f"{high} + ({low} >> {bits})", f"{low} & {(1 << bits) - 1}"}

    def names(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Name):
            yield node.id
        elif not isinstance(node, ast.BinOp) or ast.unparse(node) not in taken:
            for part in ast.iter_child_nodes(node):
                yield from names(part)

    return not any({high, low} & {*names(statement)} for statement in following)


def uses(statement: ast.stmt, name: str) -> Counter[type[ast.expr_context]]:
    """How often a statement reads a name, and writes it, with all that is in it."""
    return Counter(
        type(node.ctx)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and node.id == name
    )
