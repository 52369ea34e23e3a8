"""Vouchers keep what the union pays for their use; services count what was taken of them without a stock too."""

from django.db import migrations, models

# A stock grows by the vouchers nobody had counted: what is left stays what its page showed.
RECOUNT = """
UPDATE benefits_service s
SET taken = v.many, stock = s.stock + v.many - s.taken
FROM (
    SELECT o.id, count(held.id) AS many FROM benefits_service o
    LEFT JOIN benefits_voucher held ON held.service_id = o.id AND held.state IN ('issued', 'redeemed')
    GROUP BY o.id
) v
WHERE v.id = s.id AND s.taken <> v.many
"""


class Migration(migrations.Migration):

    dependencies = [
        ('benefits', '0014_career_cancelled'),
    ]

    operations = [
        migrations.AddField(
            model_name='voucher',
            name='reimbursed',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True, verbose_name='工会承担'),
        ),
        migrations.RunSQL(RECOUNT, migrations.RunSQL.noop),
    ]
