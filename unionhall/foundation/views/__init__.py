"""Base views: List, Detail, Create, Update and, most used, Act. Each declares the permission it asks for."""

from .acting import Act, Create, Update
from .downloads import download, stream
from .pages import Page, Requires
from .reading import Detail, List

__all__ = ["Act", "Create", "Detail", "List", "Page", "Requires", "Update", "download", "stream"]
