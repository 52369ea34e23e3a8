"""The list of cases as one that can be written to a file: known to the job as to the pages."""

from .. import exporting

__all__ = ["exporting"]
