"""How an uploaded file is taken: in memory alone, and never more of it than a case may hold."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

READ = 100 * 2**20  # bytes that are read of one file at all, so that the sender gets an answer


class BoundedInMemory(FileUploadHandler):
    """One byte more than the limit is kept, by which the service sees that the file is too large.

    A scan of an identity card is never written to a disk in clear, as a temporary file would be.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start > READ:
            raise StopUpload(connection_reset=True)
        room = settings.CASE_FILE_BYTES + 1 - len(self.kept)
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
