"""Days and moments that people type: of our time in every form, as far days break the pages that reckon with them.

9999-12-31, which people write for 长期, has no day after it; 0001-01-01 00:00 here lies before the first year in UTC.
"""

from __future__ import annotations

from datetime import date

from django import forms

from unionhall.kit.dates import EARLIEST, LATEST, is_of_our_time


def of_our_time(day: date) -> None:
    """A validator of days and moments. Raises ValidationError outside `kit.dates.EARLIEST` to `LATEST`."""
    if not is_of_our_time(day):
        raise forms.ValidationError(f"请填写 {EARLIEST.year} 年至 {LATEST.year} 年之间的日期。", "far_day")


def bound_fields() -> None:
    """Every field for a day or a moment, of whatever room, has the validator. Before any form is declared."""
    for kind in (forms.DateField, forms.DateTimeField):
        kind.default_validators = [of_our_time]
