"""Where members stand in the desk's side navigation."""

from unionhall.foundation.navigation import Entry, declare
from unionhall.foundation.permissions import EVERYONE

declare(
    Entry("desk", "组织与会籍", "会员名册", "desk_members", "users", "members.view", order=20),
    Entry("desk", "组织与会籍", "名册导入", "desk_imports", "file-import", "members.intake", order=30),
    Entry("desk", "组织与会籍", "导出记录", "desk_exports", "download", "members.export", order=40),
    Entry("public", "", "凭证核验", "public_verify_form", "scan", EVERYONE, 70),
)
