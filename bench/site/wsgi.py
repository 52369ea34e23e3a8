"""What granian serves while figures are measured."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.site.settings"
application = get_wsgi_application()
