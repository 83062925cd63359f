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
from collections.abc import Sequence
from itertools import count

from noisetamer.sound.kernels import carries, live_variables, outputs
from noisetamer.sound.kernels.viper_expressions import (
    Expressions,
    begins_with,
    compares_leaves,
    is_leaf,
    names,
    operation_of,
    unknown,
)
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
    M,
    Operand,
    R,
)

_SAVED = (RBX, RBP, R12, R13, R14, R15)
_FOR_VARIABLES = (*_SAVED, RSI, RDI, R8, R9, R10, R11)

# mp_obj_fun_bc_t.context; mp_module_context_t.constants.obj_table.
_CONTEXT, _OBJECTS = 8, 24
# Places in mp_fun_table, and types of py/runtime0.h.
_NONE, _FROM_OBJECT, _TO_OBJECT, _CHECK_ARGUMENTS = 0, 3, 4, 44
_INT, _POINTER_32 = 2, 7

_ELSE = {"e": "ne", "ne": "e", "l": "ge", "ge": "l", "le": "g", "g": "le"}


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
    wider = outputs.joined(carries.joined(copy.deepcopy(function)))
    return _Function(wider, function_table).code()


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


class _Function(Expressions):
    def __init__(self, function: ast.FunctionDef, function_table: int):
        super().__init__({a.arg for a in function.args.args if a.annotation is None})
        self._labels = count()
        self._parameters = [argument.arg for argument in function.args.args]
        self._of_object: dict[str, str] = {}  # a pointer's name: the object it points into
        uses, apart = live_variables.uses(function), live_variables.conflicts(function)
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
                    raise unknown(node)
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
                raise unknown(node)

    def _assign(self, name: str, value: ast.expr) -> None:
        place = self._variable(name, value)
        match value:
            case ast.BinOp(ast.Name(first), operation, second) if first == name:
                change = operation_of(operation, value)
                match change, second:
                    case "shl" | "sar", ast.Constant(int() as bits):
                        self._asm.shift(change, place, bits)
                        return
                    case "add", ast.BinOp(_, ast.Add()) if isinstance(
                        place, R
                    ) and name not in names(second):
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
        if isinstance(place, R) and (name not in names(value) or begins_with(value, name)):
            self._into(place, value)
            return
        with self._operand(value) as result:
            self._move(place, result)

    def _moves(self, name: str, test: ast.expr, value: ast.expr) -> bool:
        """Whether `if test: name = value` may be done without a jump: nothing is read that
        might not be there, and what is compared stays in the flags."""
        plain = isinstance(value, ast.Name) or (
            isinstance(value, ast.BinOp)
            and not isinstance(value.op, ast.LShift | ast.RShift)
            and is_leaf(value.left)
            and is_leaf(value.right)
        )
        return plain and compares_leaves(test) and isinstance(self._place.get(name), R)

    def _unless(self, test: ast.expr, label: str) -> None:
        self._asm.j(_ELSE[self._compare(test)], label)

    def _register_of(self, name: str) -> R:
        place = self._place[name]
        assert isinstance(place, R)
        return place

    def _label(self) -> str:
        return f"{next(self._labels)}"


def _shift_counts(function: ast.FunctionDef) -> set[str]:
    """The variables by which is shifted; another name, of the module, is none."""
    return live_variables.variables(function) & {
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


def _has_or(test: ast.expr) -> bool:
    return isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or)
