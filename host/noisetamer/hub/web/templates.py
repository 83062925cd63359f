"""The HTML templates in pages/."""

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from noisetamer.hub.web.i18n import PAGES

TEMPLATES = Environment(
    loader=FileSystemLoader(PAGES),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
