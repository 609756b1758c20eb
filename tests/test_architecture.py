"""The laws of the rooms, each a test, read from the source and never from what happens to be imported."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service_roles import ACTIONS, ROLE_OF_SERVICE
from tests.source_tree import ROOT, attributes, functions, imports, place, sources, tree, within

CORE = ROOT / "roster_core"
PAGES = ROOT / "pages"
SERVICES = PAGES / "shared" / "services"

#: The rooms of the core, low to high: each may import those before it. A new one must be given its place here.
ORDER = tuple(
    """
    wording errors activity activity_words custody spreadsheet
    roles people settings vocabulary text_blocks roster least lookup assembly rule_words rule_file rules matching
    contribution kept coverage twins
    examples name_words family_words families facets clusters homerooms candidates
    rule_search rule_replacing rule_growth rule_pairs rule_chains rule_writing proposals twin_proposals suggestion_words
    suggest
    compare settle co_teachers library
    row_changes changes
    plan answer findings student_checks section_checks source_checks checks preflight
    second_person
    commit clever_states glance drift digest overview spellings sharing messages message_facts letter ready
    dates
    open_window
    onboarding_record evidence gathering launch_steps launch_next launch_requests new_window onboarding situation
    said
    charts report report_picture sample_sections sample
    """.split()  # noqa: SIM905 - thirty words read better than thirty lines
)

#: These only wire: the door, the command line and its commands. They may import adapters, though only when called.
WIRING = ("__init__", "__main__")

#: Modules over 300 lines: why each may be.
LONG_MODULES: dict[str, str] = {}

#: Functions over 40 lines without their docstring: why each may be.
LONG_FUNCTIONS: dict[str, str] = {}

#: Modules that may catch every failure without raising it again: why.
WIDE_HANDLERS: dict[str, str] = {
    "pages/shared/jobs.py": "a thread has nobody to raise to: the failure is kept and shown by the page that asks",
}

#: What would let a page past the roles.
GATEWAYS = ("services.store", "services.target")

OUTSIDE = ("streamlit", "requests", "urllib3", "sqlalchemy", "alembic", "httpx", "roster_core.adapters")
DISK_AND_NETWORK = ("socket", "sqlite3", "http", "urllib.request", "shutil", "tempfile", "subprocess", "os", "time")
REFUSED_NAMES = ("iterrows", "itertuples", "use_container_width", "unsafe_allow_html", "utcnow")


def core_rooms() -> dict[str, Path]:
    """The modules right inside roster_core by name, without those that only wire."""
    return {file.stem: file for file in sorted(CORE.glob("*.py")) if file.stem not in WIRING}


def page_files() -> list[Path]:
    """The pages themselves, one screen each."""
    return sorted(file for file in PAGES.glob("*.py") if file.stem != "__init__")


def test_every_room_of_the_core_has_its_place_in_the_order() -> None:
    """A module of the core that the order does not list, or lists in vain, is an error."""
    assert sorted(core_rooms()) == sorted(ORDER)


def test_the_core_knows_no_outside() -> None:
    """No module of the core imports Streamlit, an HTTP or database library, or an adapter."""
    assert not [f"{r}: {name}" for r, file in core_rooms().items() for name in imports(file) if within(name, OUTSIDE)]


def test_the_core_touches_neither_disk_nor_network_nor_clock() -> None:
    """Only adapters open files, sockets or processes, or ask for the time."""
    wrong = [f"{r}: {n}" for r, file in core_rooms().items() for n in imports(file) if within(n, DISK_AND_NETWORK)]
    for room, file in core_rooms().items():
        calls = [ast.unparse(node.func) for node in ast.walk(tree(file)) if isinstance(node, ast.Call)]
        clocks = ("open", "datetime.now", "date.today", "datetime.today", "pd.Timestamp.now", "print", "input")
        wrong += [f"{room}: {call}" for call in calls if call in clocks or call.endswith((".read_text", ".write_text"))]
    assert not wrong


@pytest.mark.parametrize("room", ORDER)
def test_imports_inside_the_core_go_one_way(room: str) -> None:
    """A room imports only rooms before it in the order."""
    before = ORDER[: ORDER.index(room)]
    used = {name.split(".")[1] for name in imports(core_rooms()[room]) if name.startswith("roster_core.")}
    assert used <= set(before), f"{room} must not import {sorted(used - set(before))}"


def test_nothing_below_imports_what_wires() -> None:
    """Neither the core nor an adapter imports the command line, the public door or a page."""
    for file in [*core_rooms().values(), *sources(CORE / "adapters")]:
        above = ("roster_core.__main__", "roster_core.commands", "pages", "app")
        upward = [name for name in imports(file) if name == "roster_core" or within(name, above)]
        # `from roster_core import x` reads the door; `from roster_core.room import x` does not.
        assert not upward, f"{place(file)} imports {upward}"


def test_what_wires_imports_adapters_only_when_called() -> None:
    """`import roster_core` reads no adapter: the door and the command line import them inside functions."""
    for file in [*(CORE / f"{name}.py" for name in WIRING), *sources(CORE / "commands")]:
        early = [name for name in imports(file, when_called=False) if within(name, ("roster_core.adapters",))]
        assert not early, f"{place(file)} imports {early} before it is called"


def test_import_of_the_door_is_light() -> None:
    """A fresh interpreter that imports roster_core has read neither pandas, pyarrow nor an adapter."""
    heavy = "('pandas', 'pyarrow', 'numpy', 'roster_core.adapters')"
    asked = f"import sys, roster_core; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_only_charts_imports_altair() -> None:
    """Charts are made in one room."""
    files = [ROOT / "app.py", *sources(CORE, PAGES)]
    users = [place(file) for file in files if any(within(name, ("altair",)) for name in imports(file))]
    assert users in ([], ["roster_core/charts.py"])


def test_the_core_and_its_adapters_know_no_streamlit() -> None:
    """The command line works where Streamlit is not installed."""
    assert not [place(f) for f in sources(CORE) if any(within(n, ("streamlit",)) for n in imports(f))]


def test_pages_import_no_adapter() -> None:
    """Only services wires adapters to pages."""
    for file in sources(PAGES):
        if file.parent != SERVICES:
            wrong = [name for name in imports(file) if within(name, ("roster_core.adapters",))]
            assert not wrong, f"{place(file)} imports {wrong}"


def test_session_state_and_caches_have_one_room_each() -> None:
    """`st.session_state` is touched by state.py alone, `st.cache_*` by the services alone."""
    rooms = {"session_state": "pages/shared/state.py", "cache_": "pages/shared/services/"}
    for file in [ROOT / "app.py", *sources(PAGES)]:
        for line, name in attributes(file):
            for word, room in rooms.items():
                touched = name.split(".")[0] in ("st", "streamlit") and f".{word}" in name
                assert not touched or place(file).startswith(room), f"{place(file)}:{line} uses {name}; only {room} may"


@pytest.mark.parametrize("page", page_files(), ids=lambda file: file.stem)
def test_every_page_asks_for_access_itself(page: Path) -> None:
    """A page calls require_access before anything else is shown: a deep link runs it without app.py."""
    calls = [node.value for node in tree(page).body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)]
    named = [ast.unparse(call.func).rsplit(".")[-1] for call in calls]
    assert "require_access" in named, f"{place(page)} never calls require_access()"
    assert not [name for name in named[: named.index("require_access")] if name not in ("set_page", "set_page_config")]


def test_every_service_and_action_asks_for_the_role_it_is_declared_with() -> None:
    """Each public function of the services and actions has its role in the table, and asks for it first of all."""
    found = {}
    for file in [*sources(SERVICES), *(ROOT / name for name in ACTIONS)]:
        if file.stem != "__init__":
            found |= {f"{file.stem}.{name}": _asked(node) for name, node, public in functions(file) if public}
    declared = {name: "nothing" if role is None else role for name, role in ROLE_OF_SERVICE.items()}
    assert found == declared, "say in tests/service_roles.py which role each asks for"


def _asked(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The role that a function's first statement asks for."""
    first = ast.unparse(node.body[1 if ast.get_docstring(node) else 0])
    role = re.fullmatch(r"(?:services\.)?require_access\((?:'(\w+)')?\)", first)
    return (role[1] or "viewer") if role else "nothing"


def test_only_services_and_actions_hold_the_store_or_a_target() -> None:
    """A page, or what draws it, asks services for values: with the store in hand no role would be checked."""
    for file in [ROOT / "app.py", *sources(PAGES)]:
        if file.parent != SERVICES and place(file) not in ACTIONS:
            held = [name for _, name in attributes(file) if name in GATEWAYS]
            held += [name for name in imports(file) if name.startswith("pages.shared.services.") and _is_gateway(name)]
            assert not held, f"{place(file)} uses {held}; add a function to the services"


def _is_gateway(name: str) -> bool:
    # `from pages.shared.services import server` would put everything within reach of a page, too.
    return name.rsplit(".")[-1] in ("store", "target", "server", "delivery")


def test_every_page_is_registered_in_the_frame() -> None:
    """app.py lists every page there is, and no other."""
    named = {
        node.value
        for node in ast.walk(tree(ROOT / "app.py"))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("pages/")
    }
    assert named == {place(page) for page in page_files()}


def test_no_module_is_long() -> None:
    """A module has at most 300 lines, or a reason."""
    files = [ROOT / "app.py", *sources(CORE, PAGES, ROOT / "tests")]
    lengths = {place(file): len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert {name for name, lines in lengths.items() if lines > 300} == set(LONG_MODULES)


def test_no_function_is_long() -> None:
    """A function has at most 40 lines without its docstring, or a reason."""
    long = set()
    for file in [ROOT / "app.py", *sources(CORE, PAGES, ROOT / "tests")]:
        for name, node, _ in functions(file):
            text = node.body[0] if ast.get_docstring(node) else None
            lines = node.end_lineno - node.lineno + 1 - (text.end_lineno - text.lineno + 1 if text else 0)
            long |= {f"{place(file)}:{name}"} if lines > 40 else set()
    assert long == set(LONG_FUNCTIONS)


def test_every_public_function_says_what_it_gives() -> None:
    """A public function of the source has a docstring, and an annotation on each argument and on what it returns."""
    wrong = []
    for file in [ROOT / "app.py", *sources(CORE, PAGES)]:
        for name, node, public in functions(file):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            bare = [a.arg for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
            if bare or node.returns is None:
                wrong.append(f"{place(file)}:{name} lacks annotations")
            if public and not ast.get_docstring(node):
                wrong.append(f"{place(file)}:{name} lacks a docstring")
    assert not wrong


def test_every_test_says_what_is_true() -> None:
    """A test has a docstring that states the behaviour as fact."""
    silent = []
    for file in sources(ROOT / "tests"):
        for name, node, _ in functions(file):
            # A fixture may be named for the data it gives.
            fixture = any("fixture" in ast.unparse(decorator) for decorator in node.decorator_list)
            if node.name.startswith("test_") and not fixture and not ast.get_docstring(node):
                silent.append(f"{place(file)}:{name}")
    assert not silent


def test_no_row_is_visited_in_python_and_no_expression_can_hang() -> None:
    """No apply(axis=1), iterrows, itertuples or `.str.contains`, no deprecated width, no HTML, no naive clock."""
    wrong = []
    for file in [ROOT / "app.py", *sources(CORE, PAGES)]:
        for node in ast.walk(tree(file)):
            name = getattr(node, "attr", None) or getattr(node, "arg", None)
            matched = isinstance(node, ast.Attribute) and ast.unparse(node).endswith((".str.contains", ".str.match"))
            if name in REFUSED_NAMES or matched:
                wrong.append(f"{place(file)}: {name}")
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".apply"):
                wrong += [f"{place(file)}:{node.lineno} apply(axis=...)" for key in node.keywords if key.arg == "axis"]
    assert not wrong


def test_no_failure_is_swallowed() -> None:
    """`except Exception` (or nothing named) is allowed only where the handler raises again."""
    for file in [ROOT / "app.py", *sources(CORE, PAGES)]:
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.ExceptHandler):
                wide = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
                again = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
                assert not wide or again or place(file) in WIDE_HANDLERS, f"{place(file)}:{node.lineno}"
