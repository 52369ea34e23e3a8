"""Form widgets that look the same in every browser."""

from __future__ import annotations

from typing import Any

from django import forms


class DateInput(forms.DateInput):
    """A date typed as YYYY-MM-DD: the browser's own control shows another order on an English system."""

    input_type = "text"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            attrs={
                "pattern": r"\d{4}-\d{1,2}-\d{1,2}",
                "inputmode": "numeric",
                "placeholder": "年-月-日",
                "title": "按 年-月-日 填写，例如 2026-03-05",
                "autocomplete": "off",
                "class": "date",
                **(attrs or {}),
            },
            format="%Y-%m-%d",
        )


class MoneyInput(forms.NumberInput):
    """Yuan with two decimals, aligned right."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            attrs={"step": "0.01", "min": "0", "inputmode": "decimal", "class": "money", **(attrs or {})}
        )


class FileDrop(forms.FileInput):
    """A file chosen or dropped on a large area that shows its name."""

    template_name = "components/file_drop.html"

    def __init__(
        self, prompt: str = "选择或拖入文件", hint: str = "", attrs: dict[str, Any] | None = None
    ) -> None:
        self.prompt, self.hint = prompt, hint
        super().__init__(attrs=attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "prompt": self.prompt, "hint": self.hint}


class Rating(forms.RadioSelect):
    """好差评: five grades as words with stars, from very satisfied to very dissatisfied."""

    GRADES = ((5, "非常满意"), (4, "满意"), (3, "基本满意"), (2, "不满意"), (1, "非常不满意"))

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, choices=self.GRADES)
