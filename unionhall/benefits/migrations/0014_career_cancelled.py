from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('benefits', '0013_relief_papers'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='careerapplication',
            name='career_once',
        ),
        migrations.AlterField(
            model_name='careerapplication',
            name='stage',
            field=models.CharField(choices=[('review', '审核中'), ('verified', '已核实，待公示'), ('publicised', '公示中'), ('waiting', '等待资金'), ('due', '待发放'), ('refused', '未通过'), ('withdrawn', '已撤回'), ('cancelled', '已撤销')], default='review', max_length=10, verbose_name='阶段'),
        ),
        migrations.AddConstraint(
            model_name='careerapplication',
            constraint=models.UniqueConstraint(condition=models.Q(('stage__in', ['refused', 'withdrawn', 'cancelled']), _negated=True), fields=('person', 'occupation', 'level'), name='career_once'),
        ),
    ]
