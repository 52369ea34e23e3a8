"""Samples of a file of certificates, kept for the officer at the top who uploaded it."""

from collections.abc import Callable
from io import BytesIO

from tests.world import World
from unionhall.benefits.actions.certificate_files import PURPOSE
from unionhall.records import attachments

from .sample import Sample

TEXT = (
    "证书编号,姓名,证件号码,职业（工种）,等级,发证机构,发证日期\nS1,张海林,1,电工,技师,鉴定中心,2026-01-02\n"
)


def certificates(world: World) -> Sample:
    stored = attachments.store(
        world.actor("province_officer"), BytesIO(TEXT.encode()), name="证书.csv", content_type="text/csv",
        purpose=PURPOSE,
    )  # fmt: skip
    return Sample({"pk": stored.pk}, owner="province_officer")


CERTIFICATES: dict[str, Callable[[World], Sample]] = {
    "desk_certificates_look": certificates,
    "desk_certificates_errors": certificates,
}
