"""Every import of dlcli, read from its files: at module level, in functions, for type checking."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Import:
    """One import: `file:line` names `module`. late: inside a function. typing: under `if TYPE_CHECKING`."""

    file: str
    line: int
    module: str
    late: bool
    typing: bool

    @property
    def owner(self) -> str:
        """The part of the house that the file belongs to ("" for dlcli/__init__.py)."""
        return partial_name(module_of(self.file))

    @property
    def target(self) -> str:
        """The part of the house that is imported, "" for other libraries and for dlcli itself."""
        return partial_name(self.module)

    @property
    def library(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: imports {self.module}"


@cache
def all_imports() -> list[Import]:
    return [item for file in files_of() for item in imports_of(file, (ROOT / file).read_text())]


def imports_of(file: str, text: str) -> list[Import]:
    """Every import of a file, `importlib.import_module("constant")` included; `from a import b` gives a and a.b."""
    found: list[Import] = []

    def visit(node: ast.AST, late: bool, typing: bool) -> None:
        found.extend(Import(file, node.lineno, module, late, typing) for module in _named_modules(node, file))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.body:
                visit(child, late, True)
            for child in node.orelse:
                visit(child, late, typing)
            return
        late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, late, typing)

    visit(ast.parse(text, file), False, False)
    return found


def _named_modules(node: ast.AST, file: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        folder = file.split("/")[: -node.level] if node.level else []  # each dot is one folder up
        base = ".".join([*folder, *([node.module] if node.module else [])])
        return [base, *(f"{base}.{alias.name}" for alias in node.names)]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")) and node.args:
        name = node.args[0]
        return [name.value] if isinstance(name, ast.Constant) and isinstance(name.value, str) else []
    return []


def files_of(folder: str = "dlcli") -> list[str]:
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.py"))


def module_of(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def partial_name(module: str) -> str:
    """ "imaging" for dlcli.imaging.reader, "" for dlcli, its dunder names and other libraries."""
    first, _, rest = module.partition(".")
    name = rest.partition(".")[0]
    dunder = name.startswith("__") and name != "__main__"
    return name if first == "dlcli" and not dunder else ""
