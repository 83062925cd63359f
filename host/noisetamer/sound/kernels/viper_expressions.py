"""Expressions of viper functions as machine code for x86-64: whole numbers, words, comparisons.

For `viper_x64.py`, which knows statements, and in which place each variable is.
"""

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from noisetamer.sound.kernels.x64 import RAX, RCX, RDX, Assembler, M, Operand, R

_FOR_RESULTS = (RAX, RDX, RCX)

_OPERATIONS = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.Mult: "imul",
    ast.LShift: "shl",
    ast.RShift: "sar",
}
_EITHER_WAY = ("add", "and", "or", "xor", "imul")
_CONDITIONS = {
    ast.Eq: "e",
    ast.NotEq: "ne",
    ast.Lt: "l",
    ast.GtE: "ge",
    ast.LtE: "le",
    ast.Gt: "g",
}


class NotKnown(Exception):  # noqa: N818
    """A function holds what this compiler does not know; the message says what, and the line."""


class Expressions:
    """Of one function. objects: names of its parameters that are no numbers.

    _place is filled before anything is compiled: {variable: register, or slot on the stack}.
    """

    def __init__(self, objects: set[str]):
        self._asm = Assembler()
        self._free = list(_FOR_RESULTS)
        self._objects = objects
        self._place: dict[str, R | M] = {}

    def _move(self, place: R | M, value: Operand) -> None:
        if isinstance(place, M) and isinstance(value, M):
            self._asm.mov(RAX, value)
            value = RAX
        if place != value:
            self._asm.mov(place, value)

    def _compare(self, test: ast.expr) -> str:
        """Set the flags; the condition under which `test` is true."""
        match test:
            case ast.Compare(left, [operation], [right]) if type(operation) in _CONDITIONS:
                with self._operand(left) as x, self._operand(right) as y:
                    if not isinstance(x, R) and not (isinstance(x, M) and not isinstance(y, M)):
                        with self._scratch(test) as register:
                            self._asm.mov(register, x)
                            self._asm.arithmetic("cmp", register, y)
                    else:
                        self._asm.arithmetic("cmp", x, y)
                return _CONDITIONS[type(operation)]
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp():
                raise unknown(test)
        with self._operand(test) as x:
            self._asm.arithmetic("cmp", self._plain(x, test), 0)
        return "ne"

    def _plain(self, operand: Operand, node: ast.expr) -> R | M:
        if isinstance(operand, int):
            raise unknown(node)
        return operand

    @contextmanager
    def _operand(self, value: ast.expr) -> Iterator[Operand]:
        """A number, a variable where it stands, or a result in a register for results."""
        value = without_int(value)
        match value:
            case ast.Constant(int() as number):
                yield number
            case ast.Name(name):
                yield self._variable(name, value)
            case _:
                with self._scratch(value) as register:
                    self._into(register, value)
                    yield register

    @contextmanager
    def _result(self, value: ast.expr) -> Iterator[R]:
        """The same in a register."""
        with self._operand(value) as operand:
            if isinstance(operand, R):
                yield operand
                return
            with self._scratch(value) as register:
                self._asm.mov(register, operand)
                yield register

    @contextmanager
    def _scratch(self, node: ast.expr) -> Iterator[R]:
        if not self._free:
            raise unknown(node)
        register = self._free.pop(0)
        yield register
        self._free.insert(0, register)

    @contextmanager
    def _address(self, node: ast.Subscript) -> Iterator[M]:
        """Of a word: pointer[number], pointer[variable + number], pointer[anything else]."""
        if not isinstance(node.value, ast.Name):
            raise unknown(node)
        base, index, offset = node.value, node.slice, 0
        match index:
            case ast.Constant(int() as number):
                with self._result(base) as register:
                    yield M(register, 4 * number)
                return
            case ast.BinOp(ast.Name() as index, ast.Add(), ast.Constant(int() as number)):
                offset = 4 * number
        with self._result(base) as register, self._result(index) as place:
            yield M(register, offset, place)

    def _into(self, to: R, value: ast.expr) -> None:
        """`to` = value. `to` is none of the variables in it."""
        value = without_int(value)
        match value:
            case ast.Constant(int() as number):
                self._asm.mov(to, number)
            case ast.Name(name):
                self._move(to, self._variable(name, value))
            case ast.Subscript():
                with self._address(value) as place:
                    self._asm.load(to, place)
            case ast.BinOp(
                ast.BinOp(
                    ast.BinOp(
                        ast.BinOp(
                            ast.Subscript() as word, ast.RShift(), ast.Constant(int() as bits)
                        ),
                        ast.BitAnd(),
                        ast.Constant(int() as mask),
                    ),
                    ast.BitXor(),
                    ast.Constant(int() as sign),
                ),
                ast.Sub(),
                ast.Constant(int() as same),
            ) if mask + 1 == 2 * sign == 2 * same == 1 << 32 - bits:
                # What gives the upper bits of a word their sign.
                with self._address(word) as place:
                    self._asm.load_signed(to, place)
                self._asm.shift("sar", to, bits)
            case ast.BinOp(left, operation, right):
                self._binary(to, left, operation_of(operation, value), right)
            case ast.IfExp(test, body, otherwise) if compares_leaves(test):
                self._into(to, otherwise)
                with self._result(body) as result:
                    self._asm.cmov(self._compare(test), to, result)
            case _:
                raise unknown(value)

    def _binary(self, to: R, left: ast.expr, operation: str, right: ast.expr) -> None:
        if operation in _EITHER_WAY and is_leaf(left) and not isinstance(right, ast.Constant):
            # The longer one first: it needs no second register then.
            left, right = right, left
        match operation, without_int(right):
            case "imul", ast.Constant(int() as number):
                with self._operand(left) as x:
                    self._asm.imul(to, self._plain(x, left), number)
            case "shl" | "sar", ast.Constant(int() as number):
                self._into(to, left)
                self._asm.shift(operation, to, number)
            case "shl" | "sar", ast.Name(name) if to != RCX and (
                RCX in self._free or self._place.get(name) == RCX
            ):
                self._into(to, left)
                self._move(RCX, self._variable(name, right))
                self._asm.shift(operation, to)
            case "shl" | "sar", _:
                raise unknown(right)
            case "add" | "sub", ast.Constant(int() as number) if self._is_in_register(left):
                offset = number if operation == "add" else -number
                with self._result(left) as register:
                    self._asm.lea(to, M(register, offset))
            case _:
                self._into(to, left)
                with self._operand(right) as y:
                    if operation == "imul":
                        self._asm.imul(to, self._plain(y, right))
                    else:
                        self._asm.arithmetic(operation, to, y)

    def _variable(self, name: str, node: ast.AST) -> R | M:
        if name not in self._place or name in self._objects:
            raise unknown(node)
        return self._place[name]

    def _is_in_register(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and isinstance(self._place.get(node.id), R)


def names(value: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}


def without_int(value: ast.expr) -> ast.expr:
    """int() tells viper's compiler a type; here all are whole numbers."""
    while isinstance(value, ast.Call):
        match value:
            case ast.Call(ast.Name("int"), [inner], []):
                value = inner
            case _:
                raise unknown(value)
    return value


def is_leaf(value: ast.expr) -> bool:
    return isinstance(value, ast.Name | ast.Constant)


def compares_leaves(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.left, ast.Name)
        and is_leaf(test.comparators[0])
    )


def operation_of(operation: ast.operator, node: ast.expr) -> str:
    if type(operation) not in _OPERATIONS:
        raise unknown(node)
    return _OPERATIONS[type(operation)]


def unknown(node: ast.AST) -> NotKnown:
    return NotKnown(f"line {getattr(node, 'lineno', '?')}: {ast.unparse(node)}")


def begins_with(value: ast.expr, name: str) -> bool:
    """Whether a variable is read in it but once, and before all else."""
    reads = [node for node in ast.walk(value) if isinstance(node, ast.Name) and node.id == name]
    match without_int(value):
        case ast.BinOp(ast.Name(first), operation, right):
            # `_binary` may begin with the other side.
            kept = operation_of(operation, value) not in _EITHER_WAY
            return first == name and len(reads) == 1 and (kept or isinstance(right, ast.Constant))
        case ast.BinOp(left):
            return len(reads) == 1 and begins_with(left, name)
    return False
