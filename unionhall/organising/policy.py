"""Who sees and proposes foundings, admissions, transfers and standing changes."""

from unionhall.foundation.permissions import Line, Permission, Role, declare, roles
from unionhall.records import attachments, verbs

_KEEPERS = roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER)

declare(
    Permission(
        "organising.view",
        "查看建会入会办件",
        roles(_KEEPERS, Role.REVIEWER, Role.CLERK, Role.LEADER, Role.AUDITOR),
    ),
    Permission("organising.found", "办理建会", roles(Role.OFFICER), Line.ORGANISING),
    Permission("organising.admit", "办理入会", _KEEPERS, Line.ORGANISING),
    Permission("organising.transfer", "办理会籍转接", _KEEPERS, Line.ORGANISING),
    Permission("organising.standing", "办理保留、退会、除名", _KEEPERS, Line.ORGANISING),
)
#: The scanned consent to a transfer, handed out by the transfer's own page.
AGREEMENT = "organising.transfer"
attachments.guard(AGREEMENT)
verbs.declare(
    {
        "organising.agreement_opened": "查看转接书面同意",
        "organising.end_founding": "终止筹备",
        "organising.pass_foundings": "承接筹备中的建会",
        "organising.apply_admission": "申请入会",
        "organising.request_transfer": "发起会籍转接",
        "organising.agree_transfer": "同意会籍转接",
        "organising.propose_standing": "提出会籍变动",
    }
)
