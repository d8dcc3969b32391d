"""Nothing that was delivered becomes code: no pickle is read, no shell is called, no text of a file
is run, and values reach dbt as JSON.
"""

import ast
from pathlib import Path

import pytest

from pipeline.config.project import PROJECT_DIR

#: Modules whose loading runs what a file says.
PICKLES = frozenset(("pickle", "cPickle", "_pickle", "dill", "joblib", "shelve", "marshal"))
#: Calls that run a text, or a command by a shell; `read_pickle` of pandas, `allow_pickle` of numpy.
CALLS = frozenset(("eval", "exec", "system", "popen", "getoutput", "getstatusoutput"))
PICKLED = frozenset(("read_pickle", "to_pickle", "allow_pickle"))


def found(tree: ast.AST) -> list[str]:
    """What in a module runs foreign code."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [each.name for each in node.names if each.name.split(".")[0] in PICKLES]
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PICKLES:
            names.append(str(node.module))
        if isinstance(node, ast.Attribute) and node.attr in PICKLED:
            names.append(node.attr)
        if isinstance(node, ast.Call):
            called = node.func
            is_own = isinstance(called, ast.Attribute) and getattr(called.value, "id", "") != "os"
            name = getattr(called, "id", getattr(called, "attr", ""))
            if name in CALLS and not is_own:
                names.append(name)
            names += [
                f"{keyword.arg}"
                for keyword in node.keywords
                if keyword.arg in ("shell", "allow_pickle", *PICKLED)
                and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
            ]
    return names


def test_nothing_that_a_file_says_is_run():
    files = [
        path
        for top in ("pipeline", "pages", "icon_health", "dags")
        for path in sorted((PROJECT_DIR / top).rglob("*.py"))
    ] + [PROJECT_DIR / "streamlit_app.py"]
    assert len(files) > 300
    running = {
        str(path.relative_to(PROJECT_DIR)): names
        for path in files
        if (names := found(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert running == {}


def test_values_reach_dbt_as_json_in_a_list_of_arguments():
    text = Path(PROJECT_DIR / "pipeline/transform/lean_dbt.py").read_text(encoding="utf-8")
    lists = [
        [getattr(each, "value", ast.unparse(each)) for each in node.elts]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.List)
    ]
    (arguments,) = [each for each in lists if "--vars" in each]
    assert arguments[arguments.index("--vars") + 1] == "json.dumps(variables)"


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load",
        "pandas.read_pickle('x')",
        "np.load('x', allow_pickle=True)",
        "eval(text)",
        "os.system(text)",
        "subprocess.run(text, shell=True)",
        "subprocess.run(text, shell=how)",
    ],
)
def test_the_search_finds_each_way_to_run_what_somebody_else_wrote(code):
    assert found(ast.parse(code))


def test_plain_calls_are_not_found():
    assert not found(ast.parse("subprocess.run(['a'], shell=False); connection.exec(x)"))
