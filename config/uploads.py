"""How an uploaded file is taken: in memory alone, and never more of it than its page may take."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest
from django.urls import Resolver404, resolve

READ = 100 * 2**20  # bytes that are read of one file at all, so that the sender gets an answer


class BoundedInMemory(FileUploadHandler):
    """One byte more than the limit is kept, by which the service sees that the file is too large.

    A scan of an identity card is never written to a disk in clear, as a temporary file would be.
    A view that is marked `file_limit` names the setting with its limit; it holds for whoever is
    logged in.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = bytearray()
        self.limit = limit_of(self.request) if self.request else settings.CASE_FILE_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start > READ:
            raise StopUpload(connection_reset=True)
        room = self.limit + 1 - len(self.kept)
        self.kept += raw_data[:room]

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        return InMemoryUploadedFile(
            file=BytesIO(self.kept),
            field_name=self.field_name,
            name=self.file_name or "",
            content_type=self.content_type,
            size=len(self.kept),
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


def limit_of(request: HttpRequest) -> int:
    """Bytes of a file that the page behind the address takes from whoever asks."""
    try:
        name = getattr(resolve(request.path_info).func, "file_limit", "")
    except Resolver404:
        name = ""
    if not name or not request.user.is_authenticated:
        return int(settings.CASE_FILE_BYTES)
    return int(getattr(settings, name))
