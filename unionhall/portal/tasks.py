"""Jobs of the operators."""

from __future__ import annotations

from unionhall.foundation.actors import system_actor
from unionhall.foundation.jobs import job
from unionhall.records import sealing
from unionhall.records.actions import journal, notify


@job("portal.verify_journal")
def verify_journal(account_id: int | None) -> None:
    """Go through the whole journal, write down the result, and tell who asked."""
    verdict = sealing.verify()
    message = (
        verdict.fault.message if verdict.fault else f"{verdict.entries} 条、{verdict.blocks} 块，没有改动。"
    )
    journal(
        system_actor("日志核验"),
        "portal.journal_verification",
        label="通过" if verdict.ok else "发现改动",
        detail={
            "ok": verdict.ok, "entries": verdict.entries, "blocks": verdict.blocks, "pending": verdict.pending,
            "head": verdict.head, "message": message,
        },
    )  # fmt: skip
    notify(account_id, "日志核验通过" if verdict.ok else "日志核验发现改动", message, "/ops/")
