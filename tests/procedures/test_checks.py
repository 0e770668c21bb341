"""The check that names what a machine lacks for PDFs."""

from procedures import checks


def test_a_complete_machine_is_not_warned():
    assert checks.pdf_packages_are_there(None) == []


def test_missing_libraries_and_fonts_are_named_as_packages(monkeypatch, tmp_path):
    monkeypatch.setattr(checks, "find_library", lambda name: None)
    monkeypatch.setattr(checks, "FONT_FOLDERS", (str(tmp_path),))
    (warning,) = checks.pdf_packages_are_there(None)
    assert warning.id == "procedures.W001"
    for package in ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu", "fonts-noto-cjk"):
        assert package in warning.hint


def test_a_font_in_a_folder_below_is_found(monkeypatch, tmp_path):
    (tmp_path / "truetype").mkdir()
    for name in checks.FONTS.values():
        (tmp_path / "truetype" / name).touch()
    monkeypatch.setattr(checks, "FONT_FOLDERS", (str(tmp_path),))
    assert checks.pdf_packages_are_there(None) == []
