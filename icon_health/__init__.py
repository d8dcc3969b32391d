"""The installed workbench: `pip install` brings the tree of the project in one folder, `TREE`.

`pages`, `pipeline` and `data` are common names. Inside `TREE` they neither meet another package of
the environment nor a folder of the directory in which somebody works.
"""

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_INSTALLED = _HERE / "workbench"

#: Holds `streamlit_app.py`, `pages`, `pipeline`, `icon_dbt` and the sample; the top of a checkout.
TREE = _INSTALLED if _INSTALLED.is_dir() else _HERE.parent
