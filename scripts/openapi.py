"""Writes docs/openapi.json from the application. `--check` only tells whether it is up to date (exit code 1: it is not)."""

import json
import sys
from pathlib import Path

from penchant.serving.api import create_app

FILE = Path(__file__).parent.parent / "docs" / "openapi.json"


def render() -> str:
    """The whole description. No model is needed for it."""
    return json.dumps(create_app({}).openapi(), indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    text = render()
    if "--check" not in sys.argv:
        FILE.write_text(text, encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != text:
        sys.exit("docs/openapi.json is out of date. Run: .venv/bin/python scripts/openapi.py")


if __name__ == "__main__":
    main()
