"""What may be attached: the images and documents that Bedrock's Converse API takes.

The formats are those of `ImageFormat` and `DocumentFormat` in the API's model. A name's ending
decides over the type that came with it, for browsers guess types: a CSV file is Excel's to some.
The first bytes decide over both: what is no PNG is not stored as one. An image of another format
than its name says is taken for what it is.
"""

from .errors import AttachmentRefused

IMAGES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}
DOCUMENTS = {
    "pdf": "application/pdf",
    "csv": "text/csv",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "txt": "text/plain",
    "md": "text/markdown",
}
TYPES = IMAGES | DOCUMENTS
HEAD = 16  # bytes that `recognise` looks at

_ENDINGS = {"jpg": "jpeg", "htm": "html", "markdown": "md", "text": "txt"}
_FORMATS = {type_: name for name, type_ in TYPES.items()} | {"image/jpg": "jpeg"}
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BEGINNINGS = {
    "png": b"\x89PNG\r\n\x1a\n",
    "jpeg": b"\xff\xd8\xff",
    "gif": b"GIF8",
    "webp": b"RIFF",
    "pdf": b"%PDF-",
    "docx": _ZIP,
    "xlsx": _ZIP,
    "doc": _OLE,
    "xls": _OLE,
}


def recognise(name: str, claimed: object, head: bytes) -> str:
    """Return the media type of something by its name, the type it came with, and its first bytes.

    `claimed` is a media type or a format such as "png"; None, or one that is not known, counts for
    nothing. Raises AttachmentRefused.
    """
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    text = claimed.partition(";")[0].strip().lower() if isinstance(claimed, str) else ""
    said = (
        _ENDINGS.get(ending, ending)
        if _ENDINGS.get(ending, ending) in TYPES
        else _FORMATS.get(text, _ENDINGS.get(text, text))
    )
    seen = next((each for each in (*IMAGES, "pdf") if _begins_as(each, head)), "")
    found = seen if seen and (said not in TYPES or said in IMAGES) else said
    if found not in TYPES:
        known = ", ".join(TYPES)
        raise AttachmentRefused(f"'{name}' cannot be attached: its type is none of {known}.")
    if not _begins_as(found, head):
        raise AttachmentRefused(f"'{name}' cannot be attached: its content is no {found}.")
    return TYPES[found]


def image_type(head: bytes) -> str | None:
    """Return the media type of an image by its first HEAD bytes alone; None if it is none."""
    return next((IMAGES[each] for each in IMAGES if _begins_as(each, head)), None)


def converse_format(type_: str) -> tuple[str, str]:
    """Return "image" or "document", and the format, as a content block of Converse names them."""
    found = _FORMATS.get(type_)
    if found is None:
        raise AttachmentRefused(f"'{type_}' is no type that the model could be given.")
    return ("image" if found in IMAGES else "document"), found


def _begins_as(format_: str, head: bytes) -> bool:
    if format_ == "webp" and head[8:12] != b"WEBP":
        return False
    return head.startswith(_BEGINNINGS.get(format_, b""))
