"""Rules about the code that no linter knows. Each failure says what to do instead."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
APP = ROOT / "static" / "pwa"
PACKAGES = ("schemas", "sync", "server")
PROGRAMS = (*PACKAGES, "tools", "tests", "benchmarks", "conformance")
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
TEST_WORDS_MIN = 3
MIGRATIONS = "server/store/migrations/versions/"

# Everything that may lie at the top, and nothing else: a newcomer reads this list first.
TOP_LEVEL = {
    *(".ci", ".dockerignore", ".editorconfig", ".gitattributes", ".gitignore"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md"),
    *("Dockerfile", "compose.yaml", "deploy", "dev", "pyproject.toml", "requirements"),
    *("schemas", "sync", "server", "static", "tests", "benchmarks", "tools", "docs"),
    "conformance",
}
NOT_OURS = re.compile(
    r"^(\.git|\.venv|\.tools|data|node_modules|dist|__pycache__|coverage|\.[a-z_]+_cache"
    r"|\.hypothesis|mutants|.*\.tsbuildinfo)$"
)
VAGUE_NAMES = re.compile(r"^(utils?|helpers?|common|misc|managers?|base_service)$")

BANNED = {
    ".commit(": "a transaction ends with its `async with`; see server/database.py",
    ".rollback(": "raise instead; see server/database.py",
    "datetime.now(": "take the instant from the clock you were given",
    "datetime.utcnow(": "take the instant from the clock you were given",
    "time.time(": "take the instant from the clock you were given",
    "uuid4(": "use sync.ids.uuid7",
}
MAY_USE = {"server/clock.py": {"datetime.now(", "time.time("}}
BANNED_IN_TESTS = {
    "time.sleep(": "wait for a condition",
    "wait_for_timeout(": "wait for a condition, with expect(...)",
    "unittest.mock": "use the real thing, or a fake that behaves",
    "pytest.mark.skip": "a test that cannot run says what it needs and fails",
    "pytest.skip(": "a test that cannot run says what it needs and fails",
}
# A limit where it is given its value, alone or behind its minimum.
LIMIT = re.compile(r"^(?:[A-Z_]+_MIN, )?([A-Z][A-Z_]*_MAX)(?:: \w+)? = ", re.MULTILINE)
ANY_ALLOWED = {"server/problems.py"}

# Where statements are made. A demo installation asks what it was made of: one value of one table.
SPEAK_SQL = (
    *("server/store/", "server/schema_version.py", "server/database.py", "server/demo/load.py"),
)
SQL = {
    *("select", "insert", "update", "delete", "text", "union", "exists", "and_", "or_", "func"),
    *("case", "cast", "literal", "ColumnElement", "Select"),
}
MAY_SHARE = {
    ("server/routes/office.py", "server.routes"),  # The router of them all.
    ("server/routes/health.py", "server.routes.static_app"),  # Asks whether the app is built.
}

# Spelled so that this file does not break its own rules.
LEFT_FOR_LATER = re.compile(r"\b(TO[D]O|FIX[M]E|HAC[K])\b")
MACHINE_PATHS = re.compile(r"(?<![\w.$}{/*-])/(work|home|Users)/[\w.]|\.\./shared\b")
REGISTRIES = re.compile(
    r"\b(py[p]i\.org|python[h]osted\.org|registry\.[n]pmjs\.org|registry\.yarn[p]kg\.com"
    r"|npm[m]irror\.com|deb\.deb[i]an\.org|ghcr\.i[o])\b"
)


class Module(NamedTuple):
    """A Python file as it is written and as it is understood."""

    source: str
    tree: ast.Module


def walk(top: Path) -> Iterator[Path]:
    """Give every file of ours below a folder; what tools leave behind is not ours."""
    for path in sorted(top.iterdir()):
        if NOT_OURS.match(path.name):
            continue
        if path.is_dir():
            yield from walk(path)
        else:
            yield path


def python_files(*tops: str) -> list[Path]:
    """Give the Python files below some folders of the top level."""
    folders = (ROOT / top for top in tops)
    return [path for top in folders if top.is_dir() for path in walk(top) if path.suffix == ".py"]


def app_files(*suffixes: str) -> list[Path]:
    """Give the app's own source files, its tests included."""
    folders = (APP / "src", APP / "test")
    found = (path for top in folders if top.is_dir() for path in walk(top))
    return [path for path in found if path.suffix in suffixes]


def named(path: Path) -> str:
    """Name a file as a person would."""
    return path.relative_to(ROOT).as_posix()


@cache
def read(path: Path) -> Module:
    """Read and parse a Python file once for all rules."""
    source = path.read_text()
    return Module(source, ast.parse(source))


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Give every module that a file takes something from, and what."""
    for node in ast.walk(read(path).tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.module or "", alias.name


def told(found: list[str]) -> str:
    """Show every breach, each on a line that names its file."""
    return "\n" + "\n".join(found)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Give every function of a module, inner ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_a_module_is_short_and_says_what_it_holds() -> None:
    found = []
    for path in python_files(*PROGRAMS):
        module = read(path)
        if module.source and not ast.get_docstring(module.tree):
            found.append(f"{named(path)}: say in a docstring what the module holds")
        lines = len(module.source.splitlines())
        if lines > FILE_LINES_MAX:
            found.append(f"{named(path)}: {lines} lines: split it where it has two subjects")
        if named(path).startswith(MIGRATIONS):
            continue  # A migration is one list of statements, however many tables it makes.
        for function in functions(module.tree):
            lines = (function.end_lineno or 0) - function.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                found.append(
                    f"{named(path)}: {function.name} has {lines} lines: it does two things"
                )
    assert not found, told(found)


def test_the_program_takes_time_chance_and_transactions_as_it_should() -> None:
    found = []
    for path in python_files(*PACKAGES):
        for text, instead in BANNED.items():
            if text in read(path).source and text not in MAY_USE.get(named(path), set()):
                found.append(f"{named(path)}: {text} is banned: {instead}")
    assert not found, told(found)


def test_the_program_says_its_types() -> None:
    found = []
    for path in python_files(*PACKAGES):
        taken = {name for module, name in imports(path) if module == "typing"}
        if "Any" in taken and named(path) not in ANY_ALLOWED:
            found.append(f"{named(path)}: say what it is; `object` if it may be anything")
    assert not found, told(found)


def test_a_limit_has_one_name_and_those_of_the_wire_one_place() -> None:
    """What a process grants itself (a cache, a pool) stands beside that; all else in one list."""
    places: dict[str, list[str]] = defaultdict(list)
    for path in python_files(*PACKAGES):
        for limit in LIMIT.finditer(read(path).source):
            places[limit[1]].append(named(path))
    assert places, "there are none, so the pattern is wrong"
    astray = {
        limit: where
        for limit, where in places.items()
        if len(where) > 1 or not where[0].startswith(("schemas/base.py", "server/"))
    }
    assert not astray, "name it once; a limit of what comes from outside lives in schemas/base.py"


def test_only_the_store_speaks_sql() -> None:
    found = []
    for path in python_files("server"):
        taken = SQL & {name for module, name in imports(path) if module.startswith("sqlalchemy")}
        if taken and not named(path).startswith(SPEAK_SQL):
            found.append(
                f"{named(path)}: {sorted(taken)}: put the query into a module of server/store"
            )
    assert not found, told(found)


def test_a_route_takes_nothing_from_another() -> None:
    found = []
    for path in python_files("server/routes"):
        routes = {module for module, _ in imports(path) if module.startswith("server.routes")}
        astray = sorted(one for one in routes if (named(path), one) not in MAY_SHARE)
        found += [f"{named(path)}: {one}: move what both need one level down" for one in astray]
    assert not found, told(found)


def test_the_tests_are_sentences_and_wait_for_conditions() -> None:
    found = []
    for path in python_files("tests"):
        for function in functions(read(path).tree):
            words = function.name.removeprefix("test_").split("_")
            if function.name.startswith("test_") and len(words) < TEST_WORDS_MIN:
                found.append(f"{named(path)}: {function.name}: state the law it holds")
        for text, instead in BANNED_IN_TESTS.items():
            if text in read(path).source and path != Path(__file__):
                found.append(f"{named(path)}: {text} is banned: {instead}")
    assert not found, told(found)


def test_a_file_of_the_app_is_short_and_says_what_it_holds() -> None:
    found = []
    for path in app_files(".ts", ".tsx", ".css"):
        source = path.read_text()
        lines = len(source.splitlines())
        if lines > FILE_LINES_MAX:
            found.append(f"{named(path)}: {lines} lines: split it where it has two subjects")
        if not source.startswith(("//", "/*")):
            found.append(f"{named(path)}: say in a leading comment what the file holds")
    assert not found, told(found)


def test_only_known_things_lie_at_the_top() -> None:
    there = {path.name for path in ROOT.iterdir() if not NOT_OURS.match(path.name)}
    assert there <= TOP_LEVEL, f"find another place for {sorted(there - TOP_LEVEL)}"


def test_no_file_has_a_name_that_says_nothing() -> None:
    vague = [named(path) for path in walk(ROOT) if VAGUE_NAMES.match(path.stem.lower())]
    assert not vague, "name a file for what it knows"


def test_no_file_speaks_of_this_machine_or_is_left_for_later() -> None:
    found = []
    for path in walk(ROOT):
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        is_lock = path.parent.name == "requirements" or path.name == "package-lock.json"
        rules = (
            [MACHINE_PATHS, REGISTRIES] if is_lock else [MACHINE_PATHS, REGISTRIES, LEFT_FOR_LATER]
        )
        for number, line in enumerate(text.splitlines(), 1):
            found += [
                f"{named(path)}:{number}: {m[0]}" for rule in rules if (m := rule.search(line))
            ]
    assert not found
