"""A recursive filter's last two outputs, which 32 bits keep in two parts, as numbers of 64.

The kernels' biquad multiplies both parts, the one shifted by the bits that the other has below:

    y = x + 710 * y1 - 125 * y2
    y += (710 * e1 - 125 * e2) >> 10
    y2 = y1
    e2 = e1
    y1 = y >> 10
    e1 = y & 0x3FF

In a loop that does nothing else to the four, e1 and e2 can be both parts, y1 * 2**10 + e1: what
is shifted has the products of the whole numbers in it then, and the last four lines are two,
`e2 = e1` and `e1 = y`. The same numbers, as long as 64 bits hold the products.
"""

import ast
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from noisetamer.sound.kernels.carries import uses


def joined(function: ast.FunctionDef) -> ast.FunctionDef:
    """The function with such outputs joined where a loop begins, and parted where it ends."""
    return _Loops().visit(function)


class _Outputs(NamedTuple):
    """Names: of the newest output, whole; of the two before, their wholes and their rests."""

    newest: str
    wholes: tuple[str, str]
    rests: tuple[str, str]
    bits: int
    at: int  # the first of the four lines


class _Loops(ast.NodeTransformer):
    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        found = _outputs(node)
        if not found or not _products_joined(node, found):
            return [node]
        again = "{1} = {0}\n{0} = {2}".format(*found.rests, found.newest)
        node.body[found.at : found.at + 4] = ast.parse(again).body
        before, after = "", ""
        for whole, rest in zip(found.wholes, found.rests, strict=True):
            before += f"{rest} += {whole} << {found.bits}\n"
            after += f"{whole} = {rest} >> {found.bits}\n{rest} &= {(1 << found.bits) - 1}\n"
        return [*ast.parse(before).body, node, *ast.parse(after).body]


def _outputs(loop: ast.While) -> _Outputs | None:
    for at in range(len(loop.body)):
        match loop.body[at : at + 4]:
            case [
                ast.Assign([ast.Name(y2)], ast.Name(whole)),
                ast.Assign([ast.Name(e2)], ast.Name(rest)),
                ast.Assign(
                    [ast.Name(y1)],
                    ast.BinOp(ast.Name(y), ast.RShift(), ast.Constant(int() as bits)),
                ),
                ast.Assign(
                    [ast.Name(e1)], ast.BinOp(ast.Name(same), ast.BitAnd(), ast.Constant(mask))
                ),
            ] if (whole, rest, same, mask) == (y1, e1, y, (1 << bits) - 1) and all(
                uses(loop, name) == {ast.Store: 1, ast.Load: loads}
                for name, loads in ((y1, 2), (e1, 2), (y2, 1), (e2, 1))
            ):
                return _Outputs(y, (y1, y2), (e1, e2), bits, at)
    return None


def _products_joined(loop: ast.While, of: _Outputs) -> bool:
    """Whether the loop multiplies both parts alike; it is left with the products of the rests."""
    rest_of = dict(zip(of.wholes, of.rests, strict=True))
    for at, (first, second) in enumerate(pairwise(loop.body[: of.at])):
        match first, second:
            case (
                ast.Assign([ast.Name(y)], value),
                ast.AugAssign(
                    ast.Name(same),
                    ast.Add(),
                    ast.BinOp(products, ast.RShift(), ast.Constant(of.bits)),
                ),
            ) if y == same == of.newest and not any(
                uses(each, y)[ast.Store] for each in loop.body[at + 2 : of.at]
            ):
                others, in_rests = [], []
                for sign, term in _terms(value):
                    match term:
                        case ast.BinOp(ast.Constant(by), ast.Mult(), ast.Name(name)) if (
                            name in rest_of
                        ):
                            in_rests.append((sign, f"{by} * {rest_of[name]}"))
                        case _:
                            others.append(f"{sign} ({ast.unparse(term)})")
                alike = in_rests == [(s, ast.unparse(term)) for s, term in _terms(products)]
                if alike and len(in_rests) == 2 and others and others[0][0] == "+":
                    first.value = ast.parse(" ".join(others)[2:], mode="eval").body
                    return True
    return False


def _terms(value: ast.expr, sign: str = "+") -> Iterator[tuple[str, ast.expr]]:
    match value:
        case ast.BinOp(left, ast.Add() | ast.Sub() as operation, right):
            yield from _terms(left, sign)
            other = "-" if sign == "+" else "+"
            yield from _terms(right, sign if isinstance(operation, ast.Add) else other)
        case _:
            yield sign, value
