"""Jinja2's templates of our pages, which escape every text, and the policy by which a page asks nothing of anyone.

Jinja2 is loaded here alone.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from dlcli.batch.reports.predictions import one_line

ASSETS = Path(__file__).parent / "assets"  # with page.css, which other pages have too


@cache
def templates_of(folder: Path) -> Any:
    """Jinja2's environment over a folder of them: every text is escaped, and what is not there is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"line": one_line, "count": "{:,}".format}
    return templates


def policy_of(style: str, script: str = "") -> str:
    """Nothing is asked of anyone, and no other style and script than the page's own is taken."""
    scripts = f"'{_digest(script)}'" if script else "'none'"
    return (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src {scripts}; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
