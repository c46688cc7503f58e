"""Writes docs/cli.md from `--help`. `--check` only tells whether it is up to date (exit code 1: it is not)."""

import os
import sys
from pathlib import Path

os.environ["TYPER_USE_RICH"] = "0"  # plain text instead of boxes; read when typer is imported

from typer.testing import CliRunner

from penchant.cli import app

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
HEAD = """# The command line

Made from `--help` by `scripts/cli_docs.py`; don't edit. Results go to standard output, everything else to standard error.
Exit codes: 0 well, 1 failed (one line says why), 2 used wrongly.
"""


def render() -> str:
    """The whole page."""
    verbs = [c.callback.__name__.replace("_", "-") for c in app.registered_commands if c.callback]
    for group in app.registered_groups:
        verbs += [str(group.name), *(f"{group.name} {c.name}" for c in group.typer_instance.registered_commands)]
    sections = [f"## penchant {verb}".rstrip() + f"\n\n```\n{_help(verb)}\n```\n" for verb in ["", *verbs]]
    return "\n".join([HEAD, *sections])


def _help(verb: str) -> str:
    found = CliRunner().invoke(app, [*verb.split(), "--help"], env={"COLUMNS": "100", "NO_COLOR": "1"})
    return "\n".join(line.rstrip() for line in found.stdout.strip().splitlines())


def main() -> None:
    page = render()
    if "--check" not in sys.argv:
        PAGE.write_text(page, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page:
        sys.exit("docs/cli.md is out of date. Run: .venv/bin/python scripts/cli_docs.py")


if __name__ == "__main__":
    main()
