"""Downloading an attachment: unsealed on the way out, journalled, scoped."""

from django.db.models import Q
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils import timezone

from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Requires, stream

from .. import attachments, drafts
from ..actions import journal
from ..models import Attachment


def sandboxed(attachment: Attachment) -> StreamingHttpResponse:
    """The plain content as a download: saved, never shown or run as a page of ours."""
    response = stream(attachments.chunks(attachment), attachment.name, "application/octet-stream")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


class Download(Requires):
    """A paper of one's own draft, or a file of a union where `records.attachments` is held; all else is 404.

    What was handed in, rosters and exports have pages of their own, which ask more (a desk session, a permission
    held today): who once uploaded a file for others does not keep it.
    """

    permission = SIGNED_IN

    def get(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        live = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        rows = Attachment.objects.filter(live, pk=pk).exclude(purpose__in=attachments.guarded())
        drafted = rows.owned_by(self.access).filter(drafts.IS_PAPER)
        found = drafted.first() or rows.visible_to(self.access).first()
        if found is None:
            raise Http404
        paths = tuple(path for path in (found.path, found.second_path) if path)
        journal(self.actor, "records.download", subject=found, label=found.purpose, paths=paths)
        return sandboxed(found)
