"""Static files: names with a digest once `collectstatic` has run, plain names before that."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """An instance that was installed serves hashed, compressed files that browsers may keep.

    A demo or a test has run no `collectstatic`; without a manifest the plain names are used and
    whitenoise finds the files in the apps. A manifest that lacks a file is still an error.
    """

    def stored_name(self, name: str) -> str:
        """The hashed name of a file, or the name as it is while there is no manifest."""
        if not self.hashed_files:
            return name
        stored: str = super().stored_name(name)
        return stored
