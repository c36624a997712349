"""What kind of alteration a mutant is. Rule: told from the two syntax trees, never from its number.

mutmut leaves each function beside its mutants in one file: `x_name__mutmut_orig`, `…_1`, `…_2`.
"""

import ast
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

MARK = "__mutmut_"
SIGNS = (ast.cmpop, ast.operator, ast.boolop, ast.unaryop)
BY_TYPE: Mapping[type, str] = MappingProxyType(
    {
        bool: "true for false",
        str: "another text",
        bytes: "another text",
        int: "another number",
        float: "another number",
    }
)


def kinds_in(file: Path) -> dict[str, str]:
    """The kind of each mutant in one of mutmut's files, by the name of its function."""
    tree = ast.parse(file.read_text("utf-8"))
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return {
        name: kind_of(functions[f"{name.partition(MARK)[0]}{MARK}orig"], mutant)
        for name, mutant in functions.items()
        if name.rpartition(MARK)[2].isdecimal()
    }


def kind_of(before: ast.FunctionDef, after: ast.FunctionDef) -> str:
    """The kind of the one place in which two functions differ."""
    for one, other in zip(before.body, after.body, strict=True):
        if (found := difference(one, other)) is not None:
            return named(*found)
    return "something else"  # In its head: a default, a decorator.


def difference(one: object, other: object) -> tuple[object, object] | None:
    """The innermost pair that differs; a call with fewer arguments differs as a whole."""
    if type(one) is not type(other):
        return one, other
    if isinstance(one, ast.Constant) and isinstance(other, ast.Constant):
        is_same = (type(one.value), one.value) == (type(other.value), other.value)
        return None if is_same else (one, other)
    if isinstance(one, ast.AST):
        pairs = [(getattr(one, name), getattr(other, name)) for name in one._fields]
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return one, other
        pairs = list(zip(one, other, strict=True))
    else:
        return None if one == other else (one, other)
    return next((found for pair in pairs if (found := difference(*pair)) is not None), None)


def named(before: object, after: object) -> str:
    """A kind in words, as docs/mutants.md has it."""
    if isinstance(before, list):
        return "an argument left out"
    if after is None or (isinstance(after, ast.Constant) and after.value is None):
        return "None in its place"
    if isinstance(before, SIGNS):
        return "another sign"
    if isinstance(before, ast.UnaryOp) or isinstance(after, ast.UnaryOp):
        return "a sign more or less"
    if isinstance(before, ast.Constant):
        return BY_TYPE.get(type(before.value), "something else")
    return "another method" if isinstance(before, str) else "something else"
