"""The command `icon-health`, also `python -m icon_health`."""

import sys

from icon_health import TREE


def main() -> int:
    """Run the command line of the tree; its exit code."""
    sys.path.insert(0, str(TREE))
    from pipeline.cli.main import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
