"""Cases that an industry union has elsewhere are found by an index, too."""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Left

SECOND = ~Q(second_path="")
OPEN, CLOSED = Q(closed_at=None) & SECOND, Q(closed_at__isnull=False) & SECOND


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_paths")]

    operations = [
        migrations.AddIndex(
            "case", models.Index(Left("second_path", 8), "due_at", condition=OPEN, name="case_trade_due")
        ),
        migrations.AddIndex(
            "case", models.Index(Left("second_path", 12), "due_at", condition=OPEN, name="case_city_trade_due")
        ),
        migrations.AddIndex(
            "case", models.Index(Left("second_path", 8), "id", condition=CLOSED, name="case_trade_closed")
        ),
    ]
