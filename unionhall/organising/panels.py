"""What organising puts on the page of a union: who holds which post."""

from datetime import date

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.panels import Panel, panel
from unionhall.members.models import Post
from unionhall.organisations.models import Organisation

SHOWN = 12
ORDER = {title: number for number, title in enumerate(Post.Title.values)}


@panel("organisation.detail")
def posts_today(request: HttpRequest, organisation: Organisation, day: date | None) -> Panel:
    """Posts on the day, the chair first; full names for those who may see the union's members, else 张*."""
    actor = request.actor  # type: ignore[attr-defined]
    rows = organisation.posts.filter(period__contains=day or timezone.localdate()).select_related("person")
    posts = sorted(rows, key=lambda post: (ORDER[post.title], post.pk))
    named = actor.may("members.view", *organisation.paths)
    return Panel(
        "organising/posts_panel.html",
        {
            "posts": [
                {
                    "title": post.get_title_display(),
                    "name": post.person.name if named else post.person.masked_name,
                    "full_time": post.full_time,
                    "since": post.period.lower,
                }
                for post in posts[:SHOWN]
            ],
            "total": len(posts),
            "url": reverse("desk_org_posts", args=[organisation.code])
            + (f"?on={day:%Y-%m-%d}" if day else ""),
        },
    )
