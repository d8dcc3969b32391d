"""Reading YAML files: by libyaml where PyYAML was built with it, ten times as fast, which the first
page of a process feels.
"""

from pathlib import Path
from typing import Any

import yaml

#: Both loaders make plain values only.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """What a YAML file holds; None when it is empty."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
