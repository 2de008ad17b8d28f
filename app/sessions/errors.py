"""What can go wrong, each with a sentence that a page may show to its user as it is."""
# ruff: noqa: N818 - `except VolumeFull` names the event; the base class says that it is an error


class SessionError(Exception):
    """The base of everything this package raises on purpose."""


class InvalidKey(SessionError):
    """What was given cannot be a session key."""


class NotJson(SessionError):
    """A message or a setting holds something that JSON cannot."""


class RecordTooLarge(SessionError):
    """One message or setting is larger than a record may be."""


class Conflict(SessionError):
    """The conversation went on elsewhere since the given position; nothing was appended."""


class QuotaReached(SessionError):
    """The session keeps as much as one may; nothing was added, and a reset makes room."""


class NewerFormat(SessionError):
    """A newer release wrote this; nothing of it was touched, and that release can read it."""


class AttachmentRefused(SessionError):
    """This cannot be attached: its name, its type or its size; nothing was saved."""


class BlobMissing(SessionError):
    """An attachment is gone or damaged; the conversation around it is not affected."""


class StoreUnavailable(SessionError):
    """The volume refused; nothing was appended, and nothing saved before is affected."""


class StoreBusy(StoreUnavailable):
    """Another writer held the session for longer than is worth waiting."""


class VolumeFull(StoreUnavailable):
    """There is no room for the record on the volume (or its quota is used up)."""
