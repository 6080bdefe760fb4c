"""What the core may not do, as a function over source text: the bans that make replay exact.

`violations` knows nothing of this project's files, so it can itself be tested with code that breaks each rule.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass

FORBIDDEN_IMPORTS = frozenset(
    (
        "asyncio calendar concurrent contextvars ctypes datetime getpass glob http importlib io locale logging mmap "
        "multiprocessing os pathlib platform queue random sched secrets select selectors shutil signal socket "
        "socketserver sqlite3 ssl subprocess sys tempfile threading time urllib uuid zoneinfo "
        "cmath decimal fractions math numbers statistics"
    ).split()
)
"""Standard modules with a clock, chance, I/O, threads or numbers that are not integers."""

FORBIDDEN_CALLS = frozenset(
    {"hash", "id", "open", "input", "print", "eval", "exec", "compile", "__import__", "globals"}
)
"""Builtins whose answer differs from run to run, or that reach outside."""

CLOCKS = frozenset({"now", "utcnow", "today", "fromtimestamp", "astimezone"})
"""Methods of dates that look at a clock, or at the machine's idea of local time."""

ROUNDING_CALLS = frozenset({"round", "divmod", "pow"})
ORDER_KEEPING_CALLS = frozenset({"list", "tuple", "iter", "enumerate", "zip", "map", "filter", "reversed", "dict"})
"""Builtins that turn the order of what they are given into the order of what they return."""

SET_TYPES = frozenset({"set", "frozenset", "AbstractSet", "MutableSet"})
SET_METHODS = frozenset({"union", "intersection", "difference", "symmetric_difference"})
VIEW_METHODS = frozenset({"keys", "items"})
SET_OPERATORS = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.Sub)


@dataclass(frozen=True, slots=True)
class Violation:
    """One place that breaks a rule: the line, and the rule in words."""

    line: int
    rule: str


def violations(
    source: str,
    *,
    may_divide: bool = False,
    knows_calendar: bool = False,
    set_names: frozenset[str] = frozenset(),
) -> list[Violation]:
    """Return every breach of purity in one module, in order of lines.

    `may_divide` is for `core/values`, where division and rounding live. `knows_calendar` is for the one module there
    that turns moments into dates: it lifts the ban on importing `datetime`, not the one on clocks. `set_names` are
    names of variables and attributes known to hold sets, from `names_of_sets`; those of this module are added.
    """
    tree = ast.parse(source)
    known_sets = set_names | names_of_sets(source)
    found = [
        Violation(getattr(node, "lineno", 0), rule)
        for node in ast.walk(tree)
        for rule in rules_broken_by(node, may_divide, knows_calendar, known_sets)
    ]
    return sorted(found, key=lambda violation: (violation.line, violation.rule))


def names_of_sets(source: str) -> frozenset[str]:
    """Return the names that a module annotates as sets or binds to a set expression."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.AnnAssign(target=target, annotation=annotation) if annotates_set(annotation):
                names.update(bound_names(target))
            case ast.arg(arg=name, annotation=ast.expr() as annotation) if annotates_set(annotation):
                names.add(name)
            case ast.Assign(targets=targets, value=value) if is_set(value, frozenset()):
                for target in targets:
                    names.update(bound_names(target))
            case _:
                pass
    return frozenset(names)


def rules_broken_by(node: ast.AST, may_divide: bool, knows_calendar: bool, known_sets: frozenset[str]) -> Iterator[str]:
    """Yield the rules that this node alone breaks."""
    yield from broken_by_arithmetic(node, may_divide)
    yield from broken_by_import(node, FORBIDDEN_IMPORTS - {"datetime"} if knows_calendar else FORBIDDEN_IMPORTS)
    yield from broken_by_call(node, known_sets)
    yield from broken_by_iteration(node, known_sets)
    match node:
        case ast.Global():
            yield "no global: state is in the House"
        case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
            yield "nothing waits in the core"
        case _:
            pass


def broken_by_arithmetic(node: ast.AST, may_divide: bool) -> Iterator[str]:
    """Yield what the node breaks as arithmetic: everything is an int, and only values divide or round."""
    match node:
        case ast.Constant(value=float() | complex()):
            yield "no float literal: amounts and odds are ints"
        case ast.Name(id="float" | "complex" as name):
            yield f"no {name}: amounts and odds are ints"
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
            yield "no true division: it makes a float"
        case ast.BinOp(op=ast.FloorDiv() | ast.Mod()) | ast.AugAssign(op=ast.FloorDiv() | ast.Mod()) if not may_divide:
            yield "only core/values divides"
        case ast.Call(func=ast.Name(id=name)) if name in ROUNDING_CALLS and not may_divide:
            yield f"only core/values rounds: {name}()"
        case _:
            pass


def broken_by_import(node: ast.AST, forbidden: frozenset[str]) -> Iterator[str]:
    """Yield the imports of a node that are neither of the core nor of the harmless part of the standard library."""
    match node:
        case ast.Import(names=aliases):
            modules = [alias.name for alias in aliases]
        case ast.ImportFrom(module=module, level=level):
            modules = [module or ""] if level == 0 else []
        case _:
            return
    for module in modules:
        top = module.partition(".")[0]
        inside = module == "evens.core" or module.startswith("evens.core.")
        if top in forbidden or not (inside or top in sys.stdlib_module_names):
            yield f"no import of {module}"


def broken_by_call(node: ast.AST, known_sets: frozenset[str]) -> Iterator[str]:
    """Yield calls of forbidden builtins, and calls that would make a sequence in a set's order."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
            yield f"no {name}()"
        case ast.Attribute(attr=name) if name in CLOCKS:
            yield f"no clock: {name}"
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in ORDER_KEEPING_CALLS:
            if any(is_set(argument, known_sets) for argument in arguments):
                yield "no order taken from a set: use sorted()"
        case ast.Call(func=ast.Attribute(attr="join" | "extend"), args=[argument]) if is_set(argument, known_sets):
            yield "no order taken from a set: use sorted()"
        case ast.Call(func=ast.Attribute(value=holder, attr="pop"), args=[]) if is_set(holder, known_sets):
            yield "no order taken from a set: use sorted()"
        case _:
            pass


def broken_by_iteration(node: ast.AST, known_sets: frozenset[str]) -> Iterator[str]:
    """Yield loops, comprehensions and unpackings that run through a set."""
    match node:
        case ast.For(iter=iterated) | ast.YieldFrom(value=iterated) | ast.Starred(value=iterated):
            through_set = is_set(iterated, known_sets)
        case ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
            through_set = any(is_set(generator.iter, known_sets) for generator in node.generators)
        case ast.Assign(targets=[ast.Tuple() | ast.List(), *_], value=value):
            through_set = is_set(value, known_sets)
        case _:
            return
    if through_set:
        yield "no order taken from a set: use sorted()"


def is_set(node: ast.expr, known_sets: frozenset[str]) -> bool:
    """Tell whether an expression is a set, as far as its text shows."""
    match node:
        case ast.Set() | ast.SetComp():
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in {"set", "frozenset"}
        case ast.Call(func=ast.Attribute(attr=method)):
            return method in SET_METHODS
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, SET_OPERATORS):
            return any(is_set(side, known_sets) or is_view(side) for side in (left, right))
        case ast.IfExp(body=body, orelse=orelse):
            return is_set(body, known_sets) or is_set(orelse, known_sets)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in known_sets
        case _:
            return False


def is_view(node: ast.expr) -> bool:
    """Tell whether an expression is a dictionary view, which an operator turns into a set."""
    match node:
        case ast.Call(func=ast.Attribute(attr=method)):
            return method in VIEW_METHODS
        case _:
            return False


def annotates_set(annotation: ast.expr) -> bool:
    """Tell whether an annotation names a set type."""
    match annotation:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in SET_TYPES
        case ast.Subscript(value=value, slice=inner):
            wraps = isinstance(value, ast.Name) and value.id in {"Final", "ClassVar"}
            return annotates_set(inner) if wraps else annotates_set(value)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return annotates_set(left) or annotates_set(right)
        case _:
            return False


def bound_names(target: ast.expr) -> Iterator[str]:
    """Yield the variable or attribute name that an assignment binds."""
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case _:
            pass
