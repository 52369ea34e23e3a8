"""What an export of figures asks."""

from django import forms

from .exports import FORMATS

PURPOSE_LENGTH = 4


class ExportForm(forms.Form):
    """Which table in which form, and what for."""

    what = forms.ChoiceField(
        label="内容",
        choices=[(one.code, one.label) for one in FORMATS],
        initial="xlsx",
        widget=forms.RadioSelect,
    )
    purpose = forms.CharField(
        label="用途",
        min_length=PURPOSE_LENGTH,
        max_length=200,
        help_text="会写进日志，例如“年度统计报表”",
        error_messages={"min_length": f"请写明导出用途，至少 {PURPOSE_LENGTH} 个字。"},
    )
