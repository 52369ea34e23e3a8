from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("outreach", "0001_outreach")]

    operations = [migrations.RenameField("visit", "place", "venue")]
