"""The firmware's viper functions as better machine code for x86-64, from the same source.

MicroPython's own compiler keeps three variables in registers and all else on the stack. This one
keeps twelve, the most used in the innermost loops, folds constants and addresses into the
instructions, and takes minima and maxima without a jump: some four times as fast. It counts as
viper on a 64-bit machine does: whole numbers of 64 bits, words of 32 loaded without their sign.

It knows what the kernels are written in: whole numbers, ptr32, while, if, return. A function
with anything else raises `NotKnown`, and keeps the code that mpy-cross made of it.

Called, and calling, as MicroPython 1.29 does (py/emitnative.c, py/nativeglue.h, System V ABI):
RDI the function object, RSI and RDX the numbers of arguments and keywords, RCX the arguments.
"""

import ast
import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from noisetamer.sound.kernels import carries, live_variables
from noisetamer.sound.kernels.x64 import (
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    RAX,
    RBP,
    RBX,
    RCX,
    RDI,
    RDX,
    RSI,
    RSP,
    Assembler,
    M,
    Operand,
    R,
)

_SAVED = (RBX, RBP, R12, R13, R14, R15)
_FOR_VARIABLES = (*_SAVED, RSI, RDI, R8, R9, R10, R11)
_FOR_RESULTS = (RAX, RDX, RCX)

# mp_obj_fun_bc_t.context; mp_module_context_t.constants.obj_table.
_CONTEXT, _OBJECTS = 8, 24
# Places in mp_fun_table, and types of py/runtime0.h.
_NONE, _FROM_OBJECT, _TO_OBJECT, _CHECK_ARGUMENTS = 0, 3, 4, 44
_INT, _POINTER_32 = 2, 7

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
_ELSE = {"e": "ne", "ne": "e", "l": "ge", "ge": "l", "le": "g", "g": "le"}


class NotKnown(Exception):  # noqa: N818
    """A function holds what this compiler does not know; the message says what, and the line."""


def functions(source: str) -> list[ast.FunctionDef]:
    """The viper functions of a module, in their order; constants replaced by their numbers."""
    module = ast.parse(source)
    constants = {}
    for statement in module.body:
        match statement:
            case ast.Assign([ast.Name(name)], ast.Call(ast.Name("const"), [value])):
                constants[name] = ast.literal_eval(_Constants(constants).visit(value))
    return [
        _Constants(constants).visit(statement)
        for statement in module.body
        if isinstance(statement, ast.FunctionDef)
        and any(ast.unparse(each) == "micropython.viper" for each in statement.decorator_list)
    ]


def compiled(function: ast.FunctionDef, function_table: int) -> bytes:
    """Its machine code. function_table: the place of mp_fun_table among the module's constants.

    Raises NotKnown.
    """
    return _Function(carries.joined(copy.deepcopy(function)), function_table).code()


class _Constants(ast.NodeTransformer):
    def __init__(self, constants: dict[str, int]):
        self._constants = constants

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self._constants:
            return node
        return ast.copy_location(ast.Constant(self._constants[node.id]), node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        node.operand = self.visit(node.operand)
        match node:
            case ast.UnaryOp(ast.USub(), ast.Constant(int() as number)):
                return ast.copy_location(ast.Constant(-number), node)
        return node


class _Function:
    def __init__(self, function: ast.FunctionDef, function_table: int):
        self._asm = Assembler()
        self._labels = count()
        self._free = list(_FOR_RESULTS)
        self._function = function
        self._parameters = [argument.arg for argument in function.args.args]
        self._objects = {a.arg for a in function.args.args if a.annotation is None}
        self._of_object: dict[str, str] = {}  # a pointer's name: the object it points into
        uses, apart = live_variables.uses(function), live_variables.conflicts(function)
        self._place: dict[str, R | M] = {}
        if len(counts := _shift_counts(function)) == 1:
            # What shifts has to be in this one, and may as well stay there.
            self._place = dict.fromkeys(counts, RCX)
            self._free.remove(RCX)
        for name, _ in uses.most_common():
            taken = {self._place.get(other) for other in apart[name]}
            free = [register for register in _FOR_VARIABLES if register not in taken]
            if free and name not in self._place:
                self._place[name] = free[0]
        slots = count(1)
        for name in (*uses, *self._parameters):
            self._place.setdefault(name, M(RSP, 8 * next(slots)))
        # What an argument was made into waits here until all have been: calls change registers.
        self._waiting = {name: M(RSP, 8 * next(slots)) for name in self._parameters}
        # With six registers and the way back, a multiple of 16 bytes.
        self._frame = 8 * (next(slots) | 1)
        self._begin(function_table)
        self._block(function.body)
        self._asm.mov(RAX, M(RSP))
        self._asm.mov(RAX, M(RAX, 8 * _NONE))
        self._asm.label("end")
        self._asm.arithmetic("add", RSP, self._frame)
        for register in reversed(_SAVED):
            self._asm.pop(register)
        self._asm.ret()

    def code(self) -> bytes:
        return self._asm.code()

    def _begin(self, function_table: int) -> None:
        """Registers saved, the function table in the first slot, arguments in their places."""
        asm, arguments = self._asm, RBX
        for register in _SAVED:
            asm.push(register)
        asm.arithmetic("sub", RSP, self._frame)
        asm.mov(arguments, RCX)
        for at in (_CONTEXT, _OBJECTS, 8 * function_table):
            asm.mov(RDI, M(RDI, at))
        asm.mov(M(RSP), RDI)
        asm.mov(RAX, RDI)
        asm.mov(RDI, RSI)
        asm.mov(RSI, RDX)
        number = len(self._parameters)
        asm.mov(RDX, number << 17 | number << 1)
        asm.call(M(RAX, 8 * _CHECK_ARGUMENTS))
        for i, name in enumerate(self._parameters):
            self._convert(
                M(arguments, 8 * i), _FROM_OBJECT, _POINTER_32 if name in self._objects else _INT
            )
            asm.mov(self._waiting[name], RAX)
        for name in self._parameters:
            if name not in self._objects:
                self._move(self._place[name], self._waiting[name])

    def _convert(self, value: Operand, function: int, kind: int) -> None:
        """RAX = an object's value, or a value's object."""
        self._asm.mov(RDI, value)
        self._asm.mov(RSI, kind)
        self._asm.mov(RAX, M(RSP))
        self._asm.call(M(RAX, 8 * function))

    def _block(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(ast.Constant()) | ast.Pass():
                pass
            case ast.Assign([ast.Name(name)], ast.Call(ast.Name("ptr32"), [ast.Name(of)])):
                if of not in self._objects:
                    raise _unknown(node)
                self._move(self._place[name], self._waiting[of])
            case ast.Assign([ast.Name(name)], value):
                self._assign(name, value)
            case ast.AugAssign(ast.Name(name) as target, operation, value):
                old = ast.copy_location(ast.Name(target.id), node)
                self._assign(name, ast.copy_location(ast.BinOp(old, operation, value), node))
            case ast.Assign([ast.Subscript() as target], value):
                with self._result(value) as register, self._address(target) as place:
                    self._asm.store(place, register)
            case ast.While(test, body, []) if not _has_or(test):
                begin, again, end = self._label(), self._label(), self._label()
                self._asm.jmp(again)
                self._asm.label(begin)
                self._block(body)
                self._asm.label(again)
                *others, last = test.values if isinstance(test, ast.BoolOp) else [test]
                for each in others:
                    self._unless(each, end)
                self._asm.j(self._compare(last), begin)
                self._asm.label(end)
            case ast.If(test, [ast.Assign([ast.Name(name)], value)], []) if self._moves(
                name, test, value
            ):
                with self._operand(value) as result:
                    self._asm.cmov(
                        self._compare(test), self._register_of(name), self._plain(result, value)
                    )
            case ast.If(test, body, otherwise):
                other, end = self._label(), self._label()
                self._unless(test, other)
                self._block(body)
                if otherwise:
                    self._asm.jmp(end)
                self._asm.label(other)
                self._block(otherwise)
                self._asm.label(end)
            case ast.Return(ast.expr() as value):
                with self._result(value) as register:
                    self._convert(register, _TO_OBJECT, _INT)
                self._asm.jmp("end")
            case _:
                raise _unknown(node)

    def _assign(self, name: str, value: ast.expr) -> None:
        place = self._variable(name, value)
        match value:
            case ast.BinOp(ast.Name(first), operation, second) if first == name:
                change = _operation(operation, value)
                match change, second:
                    case "shl" | "sar", ast.Constant(int() as bits):
                        self._asm.shift(change, place, bits)
                        return
                    case "add", ast.BinOp(_, ast.Add()) if isinstance(
                        place, R
                    ) and name not in _names(second):
                        # Products last: they take longest, and the sum need not wait for them.
                        for term in sorted(_terms(second), key=_is_product):
                            added = ast.BinOp(value.left, operation, term)
                            self._assign(name, ast.copy_location(added, value))
                        return
                if change == "imul" and isinstance(place, R):
                    with self._operand(second) as by:
                        if isinstance(by, int):
                            self._asm.imul(place, place, by)
                        else:
                            self._asm.imul(place, by)
                    return
                if change in ("add", "sub", "and", "or", "xor"):
                    with self._operand(second) as by:
                        # Only one of two operands may be in memory.
                        if isinstance(place, M) and isinstance(by, M):
                            self._asm.mov(RAX, by)
                            by = RAX
                        self._asm.arithmetic(change, place, by)
                    return
        if isinstance(place, R) and (name not in _names(value) or _begins_with(value, name)):
            self._into(place, value)
            return
        with self._operand(value) as result:
            self._move(place, result)

    def _move(self, place: R | M, value: Operand) -> None:
        if isinstance(place, M) and isinstance(value, M):
            self._asm.mov(RAX, value)
            value = RAX
        if place != value:
            self._asm.mov(place, value)

    def _moves(self, name: str, test: ast.expr, value: ast.expr) -> bool:
        """Whether `if test: name = value` may be done without a jump: nothing is read that
        might not be there, and what is compared stays in the flags."""
        plain = isinstance(value, ast.Name) or (
            isinstance(value, ast.BinOp)
            and not isinstance(value.op, ast.LShift | ast.RShift)
            and _is_leaf(value.left)
            and _is_leaf(value.right)
        )
        return plain and _compares_leaves(test) and isinstance(self._place.get(name), R)

    def _unless(self, test: ast.expr, label: str) -> None:
        self._asm.j(_ELSE[self._compare(test)], label)

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
                raise _unknown(test)
        with self._operand(test) as x:
            self._asm.arithmetic("cmp", self._plain(x, test), 0)
        return "ne"

    def _plain(self, operand: Operand, node: ast.expr) -> R | M:
        if isinstance(operand, int):
            raise _unknown(node)
        return operand

    @contextmanager
    def _operand(self, value: ast.expr) -> Iterator[Operand]:
        """A number, a variable where it stands, or a result in a register for results."""
        value = _without_int(value)
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
            raise _unknown(node)
        register = self._free.pop(0)
        yield register
        self._free.insert(0, register)

    @contextmanager
    def _address(self, node: ast.Subscript) -> Iterator[M]:
        """Of a word: pointer[number], pointer[variable + number], pointer[anything else]."""
        if not isinstance(node.value, ast.Name):
            raise _unknown(node)
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
        value = _without_int(value)
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
                self._binary(to, left, _operation(operation, value), right)
            case ast.IfExp(test, body, otherwise) if _compares_leaves(test):
                self._into(to, otherwise)
                with self._result(body) as result:
                    self._asm.cmov(self._compare(test), to, result)
            case _:
                raise _unknown(value)

    def _binary(self, to: R, left: ast.expr, operation: str, right: ast.expr) -> None:
        if operation in _EITHER_WAY and _is_leaf(left) and not isinstance(right, ast.Constant):
            # The longer one first: it needs no second register then.
            left, right = right, left
        match operation, _without_int(right):
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
                raise _unknown(right)
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
            raise _unknown(node)
        return self._place[name]

    def _is_in_register(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and isinstance(self._place.get(node.id), R)

    def _register_of(self, name: str) -> R:
        place = self._place[name]
        assert isinstance(place, R)
        return place

    def _label(self) -> str:
        return f"{next(self._labels)}"


def _shift_counts(function: ast.FunctionDef) -> set[str]:
    """The variables by which is shifted."""
    return {
        node.right.id
        for node in ast.walk(function)
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.LShift | ast.RShift)
        and isinstance(node.right, ast.Name)
    }


def _terms(value: ast.expr) -> list[ast.expr]:
    """Of a sum; the order makes no difference to its bits."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        return [*_terms(value.left), *_terms(value.right)]
    return [value]


def _is_product(value: ast.expr) -> bool:
    return isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult)


def _begins_with(value: ast.expr, name: str) -> bool:
    """Whether a variable is read in it but once, and before all else."""
    reads = [node for node in ast.walk(value) if isinstance(node, ast.Name) and node.id == name]
    match _without_int(value):
        case ast.BinOp(ast.Name(first), operation, right):
            # `_binary` may begin with the other side.
            kept = _operation(operation, value) not in _EITHER_WAY
            return first == name and len(reads) == 1 and (kept or isinstance(right, ast.Constant))
        case ast.BinOp(left):
            return len(reads) == 1 and _begins_with(left, name)
    return False


def _names(value: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}


def _without_int(value: ast.expr) -> ast.expr:
    """int() tells viper's compiler a type; here all are whole numbers."""
    while isinstance(value, ast.Call):
        match value:
            case ast.Call(ast.Name("int"), [inner], []):
                value = inner
            case _:
                raise _unknown(value)
    return value


def _has_or(test: ast.expr) -> bool:
    return isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or)


def _is_leaf(value: ast.expr) -> bool:
    return isinstance(value, ast.Name | ast.Constant)


def _compares_leaves(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.left, ast.Name)
        and _is_leaf(test.comparators[0])
    )


def _operation(operation: ast.operator, node: ast.expr) -> str:
    if type(operation) not in _OPERATIONS:
        raise _unknown(node)
    return _OPERATIONS[type(operation)]


def _unknown(node: ast.AST) -> NotKnown:
    return NotKnown(f"line {getattr(node, 'lineno', '?')}: {ast.unparse(node)}")
