"""Which files may come with a case: names, bytes, and nothing that acts."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.rules import uploads
from tests.papers import jpeg, pdf, png


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("身份证.pdf", "身份证.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        (r"C:\Users\liu\Desktop\证明.PDF", "证明.PDF"),
        ("/var/www/x.png", "x.png"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie_ b.pdf"),
        ("gpj.\u202efdp.pdf", "gpj.fdp.pdf"),  # what turns the direction of reading
        ('"; filename=x.exe".pdf', "__ filename=x.exe_.pdf"),
        ("  .pdf", "pdf"),
        ("证" * 300 + ".jpeg", "证" * 95 + ".jpeg"),
        ("..", ""),
    ],
)
def test_of_a_name_its_last_part_stays_without_what_steers(sent: str, kept: str) -> None:
    assert uploads.clean_name(sent) == kept


@given(st.text(max_size=400))
def test_no_name_leads_out_of_a_folder_or_breaks_a_header(name: str) -> None:
    kept = uploads.clean_name(name)
    assert len(kept) <= uploads.NAME_LENGTH
    assert not set(kept) & set('/\\\r\n\0"<>:|?*;%')
    assert kept not in {".", ".."}
    assert uploads.clean_name(kept) == kept.strip(" .")


@pytest.mark.parametrize(
    "name", ["a.docm", "a.xlsx", "a.zip", "a.pdf.exe", "a.svg", "a.html", "a", "pdf", ".pdf"]
)
def test_nothing_that_unpacks_runs_or_shows_a_page_is_taken(name: str) -> None:
    assert uploads.kind_by_name(uploads.clean_name(name)) is None


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(pdf(), "application/pdf"), (jpeg(), "image/jpeg"), (png(), "image/png")],
    ids=["pdf", "jpeg", "png"],
)
def test_a_file_is_what_its_bytes_say(content: bytes, media_type: str) -> None:
    kind = uploads.kind_by_bytes(content)
    assert kind is not None
    assert kind.media_type == media_type
    kind.harmless(content)
    assert uploads.kind_by_bytes(content[:-10]) is None
    assert uploads.kind_by_bytes(b" " + content) is None


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04" + bytes(40), b"MZ" + bytes(40), b"<svg/>", b"GIF89a", b"%PDF-"]
)
def test_what_is_nothing_of_the_kind_is_refused(content: bytes) -> None:
    assert uploads.kind_by_bytes(content) is None


@given(st.binary(max_size=2000))
def test_any_bytes_get_an_answer(content: bytes) -> None:
    for kind in uploads.KINDS:
        try:
            kind.harmless(kind.begins + content + kind.ends)
        except uploads.Acting:
            continue


@pytest.mark.parametrize(
    "acts",
    [
        b"<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>",
        b"<< /S /J#61vaScript >>",
        b"<< /S /Launch /F (cmd.exe) >>",
        b"<< /Names << /EmbeddedFiles 3 0 R >> >>",
        b"<< /Encrypt 5 0 R >>",
        b"<< /XFA 7 0 R >>",
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_page_that_acts_is_refused(acts: bytes, packed: bool) -> None:
    with pytest.raises(uploads.Acting):
        uploads.kind_by_bytes(pdf()).harmless(pdf(objects=acts, packed=packed))  # type: ignore[union-attr]


def test_words_inside_a_picture_or_a_text_are_no_action() -> None:
    content = pdf(objects=b"<< /Length 9 >>\nstream\n\x00/JS \xff/XFA \x00endstream (/JSX)")
    uploads.kind_by_bytes(content).harmless(content)  # type: ignore[union-attr]


def test_objects_that_unpack_beyond_reason_or_not_at_all_are_refused() -> None:
    kind = uploads.kind_by_bytes(pdf())
    assert kind is not None
    bomb = pdf(objects=bytes(uploads.INFLATED + 1), packed=True)
    assert len(bomb) < 100_000
    with pytest.raises(uploads.Acting):
        kind.harmless(bomb)
    with pytest.raises(uploads.Acting):
        kind.harmless(pdf(objects=b"<< /Type /ObjStm >>\nstream\nnot packed\nendstream"))


@pytest.mark.parametrize("side", [65_500, 1_000_000])
def test_a_picture_of_unreasonable_size_is_refused(side: int) -> None:
    with pytest.raises(uploads.Acting):
        uploads.KINDS[2].harmless(png(width=side, height=side))


def test_a_photograph_that_claims_too_many_pixels_is_refused() -> None:
    with pytest.raises(uploads.Acting):
        uploads.KINDS[1].harmless(jpeg(width=65_000, height=65_000))
    with pytest.raises(uploads.Acting):
        uploads.KINDS[1].harmless(b"\xff\xd8\xff\xd9")


def test_the_papers_of_the_tests_are_what_they_should_be() -> None:
    """A picture that a decoder takes: width and height, one grey row after the other."""
    content = png(width=3, height=2)
    assert struct.unpack(">II", content[16:24]) == (3, 2)
    at = content.index(b"IDAT")
    length = int.from_bytes(content[at - 4 : at])
    assert zlib.decompress(content[at + 4 : at + 4 + length]) == b"\x00" * 8
