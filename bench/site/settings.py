"""The site's settings with one more list of addresses."""

from unionhall.settings import *  # noqa: F403

ROOT_URLCONF = "bench.site.urls"
