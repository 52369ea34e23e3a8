"""Payments that were given up before their matters heard of it, and vouchers taken before they kept their sum.

The district's part of a subsidy is left as it is: finance gives it up on its page (docs/payments.md).
"""

from django.db import migrations

CAREERS = """
UPDATE benefits_careerapplication a SET stage = 'cancelled' FROM ledger_payment p
WHERE p.id = a.payment_id AND p.state IN ('cancelled', 'reversed') AND a.stage = 'due'
"""
STATEMENTS = """
UPDATE benefits_reconciliation r SET state = 'agreed', confirmed_at = NULL, confirmed_by = '' FROM ledger_payment p
WHERE p.id = r.payment_id AND p.state IN ('cancelled', 'reversed') AND r.state = 'confirmed'
"""
# A correction cancels what is due, too, and pays the new sum under another key: it says so as its reason.
SETTLEMENTS = """
UPDATE benefits_settlementline l SET outcome = 'revoked' FROM ledger_payment p
WHERE p.purpose = 'medical_aid' AND p.root_id IS NULL
  AND (p.state = 'reversed' OR p.state = 'cancelled' AND p.reason <> '医保结算更正')
  AND l.person_id = p.person_id AND p.key = 'medical:' || lpad(coalesce(l.first, l.id)::text, 12, '0')
  AND l.state = 'matched' AND l.outcome = 'granted' AND l.corrected_by_id IS NULL
"""
VOUCHERS = """
UPDATE benefits_voucher v SET reimbursed = s.reimbursed FROM benefits_service s
WHERE s.id = v.service_id AND v.state = 'issued' AND v.reimbursed IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('benefits', '0017_settlement_revoked'),
        ('ledger', '0002_entry_person'),
    ]

    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for sql in (CAREERS, STATEMENTS, SETTLEMENTS, VOUCHERS)
    ]
