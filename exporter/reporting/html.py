"""What all HTML pages share: their look, and how their templates are filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from exporter.sizes import byte_text

_STYLE = Path(__file__).with_name("style.css")


def render_template(template: Path, filters: Mapping[str, Callable[..., Any]], **values: Any) -> str:
    """Returns a page: a Jinja template, in which everything is escaped, with ``style``, and what is given here.

    Args:
        template: the file.
        filters: what it uses besides Jinja's own and ``bytes``.
        values: its variables.
    """
    import jinja2
    import markupsafe

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
                                     lstrip_blocks=True)
    environment.filters.update(bytes=byte_text, **filters)
    style = markupsafe.Markup(_STYLE.read_text(encoding="utf-8"))
    return environment.from_string(template.read_text(encoding="utf-8")).render(style=style, **values)
