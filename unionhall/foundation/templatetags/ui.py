"""The tag library `ui`, a builtin of every template here. docs/look.md lists its tags and filters."""

from django import template

from unionhall.foundation.tags import figures, forms, lists, page, worker
from unionhall.foundation.wording import FILTERS

register = template.Library()
for part in (page, lists, figures, forms, worker):
    register.tags.update(part.register.tags)
for name, function in FILTERS.items():
    register.filter(name, function)
