"""文书: papers made from a case: declared once, written as Word (docxtpl) and as PDF (typst).

    from unionhall.cases.documents import Each, Facts, Sign, Template, Text, declare, make
    declare(Template("aid_application", "法律援助申请表", frozenset({"legal_aid"}), body=(…), context=…))
    make(actor, case, "aid_application", context={"reason": …})

A template's words hold `{{ names }}`: those of `contexts.base`, of its own `context(case)`, and of the call. An
office that wants its own look puts `<code>.docx` into the folder `documents` of UNIONHALL_HOME.
"""

from .making import lacking, make, preview
from .templates import Each, Facts, Sign, Template, Text, declare, template, templates_for

__all__ = [
    "Each",
    "Facts",
    "Sign",
    "Template",
    "Text",
    "declare",
    "lacking",
    "make",
    "preview",
    "template",
    "templates_for",
]
