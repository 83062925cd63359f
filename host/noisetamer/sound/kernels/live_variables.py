"""Which variables of a viper function are needed at once, and how often each is used.

Two that never are may share a register (Chaitin's interference graph, "Register allocation via
coloring", 1981).
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

_OVER_WORDS, _IN_A_LOOP = 1000, 10
"""How often a loop that reads words, and any other, is reckoned to go round."""

_WRITTEN = 3
"""What it costs to write a variable that is in memory, reading one being 1."""


def variables(function: ast.FunctionDef) -> set[str]:
    """Parameters that are no objects, and what is assigned; other names come from the module."""
    known = {each.arg for each in function.args.args if each.annotation is not None}
    return known | {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def uses(function: ast.FunctionDef) -> Counter[str]:
    """How often each is used, as far as that costs time."""
    found: Counter[str] = Counter()
    known = variables(function)

    def look(node: ast.AST, weight: int) -> None:
        if isinstance(node, ast.While):
            reads = any(isinstance(each, ast.Subscript) for each in ast.walk(node))
            weight *= _OVER_WORDS if reads else _IN_A_LOOP
        if isinstance(node, ast.Subscript):
            # From elsewhere an address has to be fetched first.
            look(node.value, weight)
        if isinstance(node, ast.Name) and node.id in known:
            found[node.id] += weight * (_WRITTEN if isinstance(node.ctx, ast.Store) else 1)
        for child in ast.iter_child_nodes(node):
            look(child, weight)

    for statement in function.body:
        look(statement, 1)
    return found


def conflicts(function: ast.FunctionDef) -> dict[str, set[str]]:
    """{variable: those that must not share its register}, in both directions."""
    known = variables(function)
    found: dict[str, set[str]] = defaultdict(set)

    def apart(name: str, others: Iterable[str]) -> None:
        for other in set(others) - {name}:
            found[name].add(other)
            found[other].add(name)

    def read(node: ast.AST) -> set[str]:
        return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} & known

    def before(statements: Sequence[ast.stmt], live: set[str]) -> set[str]:
        """What is needed before them, from what is needed after."""
        for statement in reversed(statements):
            match statement:
                case ast.While(test, body):
                    needed = live | read(test)
                    while (again := needed | before(body, needed)) != needed:
                        needed = again
                    live = needed
                case ast.If(test, body, otherwise):
                    live = before(body, live) | before(otherwise, live) | read(test)
                case ast.Assign([ast.Name(name)], value):
                    # Also from what is read: the result may be begun before all has been.
                    apart(name, live | read(value))
                    live = live - {name} | read(value)
                case ast.Return():
                    live = read(statement)
                case ast.AugAssign(ast.Name(name)):
                    live = live | read(statement)
                    apart(name, live)
                case _:
                    live = live | read(statement)
        return live

    needed = before(function.body, set())
    parameters = {each.arg for each in function.args.args} & known
    for name in parameters:
        apart(name, needed | parameters)
    return found
