"""Pictures that people upload: read, made harmless, made small. What is stored is always our own encoding.

Decoding and encoding again leaves behind what a file may hold besides the picture: position and camera data,
scripts, a second file behind the end. Orientation is applied first, as it lies in that data.
"""

import io
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from sopdesk.lib.badinput import BadInput
from sopdesk.lib.canonical import sha256_hex

MAX_UPLOAD_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 1600
JPEG_QUALITY = 80

# A drawing repeats few colours; in a photograph nearly every pixel has its own.
_SAMPLE_SIDE = 256
_PHOTOGRAPH_COLOURS = 0.25
_MOST_ICON_COLOURS = 256

_SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}


class BadImage(BadInput):
    """The upload is not a picture that sopdesk takes."""


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A picture in our own encoding; width and height in pixels."""

    data: bytes
    content_type: str
    width: int
    height: int
    sha256: str

    @property
    def suffix(self) -> str:
        """The end of a file name for it, dot included."""
        return _SUFFIXES[self.content_type]


def read_image(file: BinaryIO) -> CleanImage:
    """Return the PNG, JPEG, GIF (first frame) or WebP picture in `file`, at most MAX_SIDE pixels long.

    Metadata is left behind, the picture stands upright. Photographs come out as JPEG, drawings and
    screenshots as PNG; the same file always gives the same bytes.
    Raises BadImage for other kinds of files, damaged ones, more than MAX_UPLOAD_BYTES or MAX_PIXELS.
    """
    data = file.read(MAX_UPLOAD_BYTES + 1)
    if len(data) > MAX_UPLOAD_BYTES:
        limit = MAX_UPLOAD_BYTES // 1024 // 1024
        raise BadImage(
            _("This picture is larger than %(limit)s MB. Make it smaller or save it with stronger compression."),
            code="too_large",
            params={"limit": limit},
        )
    kind = _kind(data)
    if not kind:
        raise BadImage(
            _("This is not a PNG, JPEG, GIF or WebP picture. Save it in one of these formats and upload it again."),
            code="wrong_kind",
        )
    try:
        picture = _decoded(data, kind)
    except BadImage:
        raise
    except Exception as error:
        # For damaged and hostile files Pillow's decoders raise more kinds of errors than they document.
        raise BadImage(
            _("This picture is damaged. Open it in a picture program, save it anew and upload that file."),
            code="damaged",
        ) from error
    return _encoded(picture, photograph=kind == "JPEG" or _is_photograph(picture))


def _kind(data: bytes) -> str:
    """Return Pillow's name of the format that the first bytes of `data` announce, or "" for any other."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    return ""


def _decoded(data: bytes, kind: str) -> Image.Image:
    """Return the picture upright, in RGB or RGBA, at most MAX_SIDE pixels long, without metadata."""
    with _opened(data, kind) as source:
        if source.width * source.height > MAX_PIXELS:
            raise _too_many_pixels()
        mode = "RGBA" if source.has_transparency_data else "RGB"
        picture = source if kind == "JPEG" or source.mode == mode else _in_mode(source, mode)
        # Before anything else touches it: a JPEG is then decoded at a fraction of its size, and no copy is large.
        picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        upright = ImageOps.exif_transpose(picture).convert(mode)
    if mode == "RGBA" and upright.getextrema()[-1] == (255, 255):
        upright = upright.convert("RGB")
    upright.info = {}
    return upright


def _in_mode(source: Image.Image, mode: str) -> Image.Image:
    if source.mode.startswith("I;16"):
        # Pillow would cut the 16 bits off at 255 instead of scaling them.
        return source.point(lambda level: level * (1 / 256), "L").convert(mode)
    return source.convert(mode)


def _opened(data: bytes, kind: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=[kind])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error


def _too_many_pixels() -> BadImage:
    return BadImage(
        _("This picture has more than %(limit)s million pixels. Make it smaller and upload it again."),
        code="too_many_pixels",
        params={"limit": MAX_PIXELS // 1_000_000},
    )


def _is_photograph(picture: Image.Image) -> bool:
    if picture.mode == "RGBA":
        return False
    sample = picture.resize(
        (min(picture.width, _SAMPLE_SIDE), min(picture.height, _SAMPLE_SIDE)), Image.Resampling.NEAREST
    )
    most = max(_MOST_ICON_COLOURS, int(sample.width * sample.height * _PHOTOGRAPH_COLOURS))
    return sample.getcolors(maxcolors=most) is None


def _encoded(picture: Image.Image, *, photograph: bool) -> CleanImage:
    out = io.BytesIO()
    if photograph:
        picture.convert("RGB").save(out, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    else:
        picture.save(out, "PNG", optimize=True)
    data = out.getvalue()
    return CleanImage(
        data=data,
        content_type="image/jpeg" if photograph else "image/png",
        width=picture.width,
        height=picture.height,
        sha256=sha256_hex(data),
    )
