"""Uploads: only pictures, only small, nothing in them but the picture."""

import io
import random
import struct
import zlib
from hashlib import sha256

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo

from sopdesk.lib.images import MAX_UPLOAD_BYTES, BadImage, CleanImage, read_image

RED, BLUE = (200, 0, 0), (0, 0, 200)


def drawing(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    """Red on top, blue below."""
    picture = Image.new("RGB", size, RED)
    ImageDraw.Draw(picture).rectangle((0, size[1] // 2, size[0], size[1]), fill=BLUE)
    return picture.convert(mode)


def photograph(size: tuple[int, int] = (300, 200)) -> Image.Image:
    dice = random.Random(1)
    return Image.frombytes("RGB", size, dice.randbytes(size[0] * size[1] * 3))


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def read(data: bytes) -> CleanImage:
    return read_image(io.BytesIO(data))


def decoded(clean: CleanImage) -> Image.Image:
    return Image.open(io.BytesIO(clean.data))


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG header for that many pixels, with hardly anything behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_drawing_comes_out_as_png(kind):
    clean = read(encoded(drawing(), kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert (clean.content_type, clean.suffix, clean.width, clean.height) == ("image/png", ".png", 60, 40)
    assert clean.sha256 == sha256(clean.data).hexdigest()
    picture = decoded(clean)
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (60, 40))
    assert picture.getpixel((5, 5)) == RED
    assert picture.getpixel((5, 35)) == BLUE


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_photograph_comes_out_as_jpeg(kind):
    clean = read(encoded(photograph(), kind))
    assert (clean.content_type, clean.suffix) == ("image/jpeg", ".jpg")
    assert (decoded(clean).format, decoded(clean).size) == ("JPEG", (300, 200))


def test_jpeg_stays_jpeg():
    assert read(encoded(drawing(), "JPEG")).content_type == "image/jpeg"


@pytest.mark.parametrize("mode", ["L", "CMYK", "YCbCr"])
def test_jpeg_of_other_colour_systems_is_read(mode):
    assert decoded(read(encoded(drawing(mode=mode), "JPEG"))).mode == "RGB"


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA"])
def test_png_of_other_colour_systems_is_read(mode):
    assert decoded(read(encoded(drawing(mode=mode), "PNG"))).mode == "RGB"


def test_grey_of_16_bits_keeps_its_shades():
    picture = Image.new("I;16", (256, 4))
    picture.putdata([column * 257 for _ in range(4) for column in range(256)])
    result = decoded(read(encoded(picture, "PNG")))
    assert [result.getpixel((column, 1))[0] for column in (0, 128, 255)] == [0, 128, 255]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparency_is_kept(kind):
    picture = drawing(mode="RGBA")
    picture.putpixel((0, 0), (0, 0, 0, 0))
    result = decoded(read(encoded(picture, kind, **({"lossless": True} if kind == "WEBP" else {}))))
    assert result.mode == "RGBA"
    assert result.getpixel((0, 0))[3] == 0


def test_transparent_colour_of_a_gif_is_kept():
    picture = drawing(mode="P")
    result = decoded(read(encoded(picture, "GIF", transparency=picture.getpixel((0, 0)))))
    assert result.getpixel((0, 0))[3] == 0
    assert result.getpixel((0, 39))[3] == 255


def test_animation_is_reduced_to_its_first_frame():
    data = encoded(drawing(), "GIF", save_all=True, append_images=[Image.new("RGB", (60, 40), BLUE)])
    result = decoded(read(data))
    assert getattr(result, "n_frames", 1) == 1
    assert result.getpixel((5, 5)) == RED


@pytest.mark.parametrize(
    ("size", "expected"), [((3200, 1000), (1600, 500)), ((1000, 3200), (500, 1600)), ((5000, 1), (1600, 1))]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_large_picture_is_made_smaller(kind, size, expected):
    clean = read(encoded(drawing(size), kind))
    assert (clean.width, clean.height) == decoded(clean).size == expected


def test_small_picture_is_not_enlarged():
    assert read(encoded(drawing((1, 1)), "PNG")).width == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_picture_is_turned_upright_and_its_data_left_behind(kind):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held a quarter turn to the left
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    clean = read(encoded(drawing((200, 100)), kind, exif=exif))
    assert (clean.width, clean.height) == (100, 200)
    assert b"SecretCamera" not in clean.data
    assert dict(decoded(clean).getexif()) == {}
    red, _green, blue = decoded(clean).convert("RGB").getpixel((90, 100))
    assert red > blue


def test_comments_texts_and_colour_profiles_are_left_behind():
    texts = PngInfo()
    texts.add_text("Author", "SecretName")
    texts.add_itxt("Note", "SecretNote", zip=False)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for data in (
        encoded(drawing(), "PNG", pnginfo=texts, icc_profile=profile),
        encoded(drawing(), "JPEG", comment="SecretNote", icc_profile=profile),
        encoded(drawing(), "GIF", comment="SecretNote"),
    ):
        clean = read(data)
        assert b"Secret" not in clean.data
        assert not {"comment", "icc_profile", "Author", "Note"} & decoded(clean).info.keys()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_second_file_behind_the_picture_is_left_behind(kind):
    clean = read(encoded(drawing(), kind) + b"<script>alert(1)</script>PK\x03\x04")
    assert b"<script>" not in clean.data
    assert b"PK\x03\x04" not in clean.data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_same_file_gives_the_same_bytes(kind):
    data = encoded(photograph(), kind)
    assert read(data) == read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"MZ\x90\x00",
        encoded(drawing(), "BMP"),
        encoded(drawing(), "TIFF"),
        encoded(drawing(), "ICO"),
        b"\n" + encoded(drawing(), "PNG"),
    ],
)
def test_other_kinds_of_files_are_refused(data):
    with pytest.raises(BadImage, match="Save it in one of these formats") as caught:
        read(data)
    assert caught.value.code == "wrong_kind"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_damaged_pictures_are_refused(kind):
    data = encoded(photograph((80, 80)), kind)
    dice = random.Random(2)
    damaged = [data[:size] for size in (12, 30, len(data) // 2)]
    damaged.append(data[:20] + dice.randbytes(len(data) - 20))
    for broken in damaged:
        with pytest.raises(BadImage) as caught:
            read(broken)
        # By chance the noise may also announce a huge picture.
        assert caught.value.code in ("damaged", "too_many_pixels")


def test_damage_is_named_with_the_way_out():
    data = encoded(drawing(), "PNG")
    with pytest.raises(BadImage, match="damaged. Open it in a picture program"):
        read(data[: len(data) - 30])


@pytest.mark.parametrize("size", [(9_500, 9_500), (30_000, 30_000), (6_400, 6_400), (2**31 - 1, 2**31 - 1)])
def test_flood_of_pixels_is_refused_before_decoding(size):
    with pytest.raises(BadImage, match="more than 40 million pixels") as caught:
        read(png_that_claims(*size))
    assert caught.value.code == "too_many_pixels"


def test_file_over_the_limit_is_refused_without_reading_on():
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert size >= 0
            self.given += size
            return b"\x89PNG\r\n\x1a\n".ljust(size, b"\0")

    file = Endless()
    with pytest.raises(BadImage, match="larger than 10 MB") as caught:
        read_image(file)
    assert caught.value.code == "too_large"
    assert file.given == MAX_UPLOAD_BYTES + 1


def test_file_at_the_limit_is_read():
    assert read(encoded(drawing(), "PNG").ljust(MAX_UPLOAD_BYTES, b"\0")).width == 60


def test_forms_show_the_reason():
    class PictureForm(forms.Form):
        picture = forms.FileField()

        def clean_picture(self) -> CleanImage:
            return read_image(self.cleaned_data["picture"])

    good = PictureForm({}, {"picture": SimpleUploadedFile("a.png", encoded(drawing(), "PNG"))})
    assert good.is_valid()
    assert good.cleaned_data["picture"].content_type == "image/png"
    bad = PictureForm({}, {"picture": SimpleUploadedFile("a.png", b"<html>")})
    assert not bad.is_valid()
    assert "Save it in one of these formats" in bad.errors["picture"][0]
