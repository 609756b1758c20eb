"""Folders, zips and uploads: what is read, and what is refused with which words."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from roster_core.adapters.files import Limits, open_source, open_uploads
from roster_core.errors import InputError


def packed(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these entries, in this order."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return held.getvalue()


class TestFolder:
    def test_names_are_lower_case_and_found_in_any_case(self, tmp_path: Path) -> None:
        """A file is found whatever the case of its name, and listed in lower case."""
        (tmp_path / "Students.CSV").write_bytes(b"a")

        source = open_source(tmp_path)

        assert source.names() == ("students.csv",)
        assert "STUDENTS.csv" in source
        assert source.open("students.csv") == b"a"

    def test_other_files_and_hidden_ones_are_left_alone(self, tmp_path: Path) -> None:
        """Notes, hidden files and macOS leftovers are not part of the source."""
        for name in ("students.csv", "notes.txt", ".DS_Store", "._students.csv"):
            (tmp_path / name).write_bytes(b"a")

        assert open_source(tmp_path).names() == ("students.csv",)

    def test_one_inner_folder_is_looked_into(self, tmp_path: Path) -> None:
        """A folder that holds only one folder is as good as that folder."""
        (tmp_path / "inner").mkdir()
        (tmp_path / "inner" / "students.csv").write_bytes(b"a")

        assert open_source(tmp_path).open("students.csv") == b"a"

    def test_two_names_that_differ_only_by_case_are_refused(self, tmp_path: Path) -> None:
        """Nobody can say which of Students.csv and students.csv is meant."""
        (tmp_path / "students.csv").write_bytes(b"a")
        (tmp_path / "Students.csv").write_bytes(b"b")

        with pytest.raises(InputError, match=r"students\.csv twice"):
            open_source(tmp_path)

    def test_a_file_that_goes_away_is_an_input_error(self, tmp_path: Path) -> None:
        """A file that cannot be read any more is told by name."""
        file = tmp_path / "students.csv"
        file.write_bytes(b"a")
        source = open_source(tmp_path)
        file.unlink()

        with pytest.raises(InputError, match=r"students\.csv cannot be read"):
            source.open("students.csv")

    def test_an_absent_file_is_told_with_what_is_there(self, tmp_path: Path) -> None:
        """Asking for a file that is not there names it and what is there instead."""
        (tmp_path / "students.csv").write_bytes(b"a")

        with pytest.raises(InputError, match=r"has no sections\.csv; it holds students\.csv"):
            open_source(tmp_path).open("sections.csv")

    def test_an_empty_folder_is_refused(self, tmp_path: Path) -> None:
        """A folder without CSV or JSON files says what was expected."""
        with pytest.raises(InputError, match="holds no CSV or JSON file"):
            open_source(tmp_path)

    @pytest.mark.parametrize("path", ["nowhere", "a\0b"])
    def test_a_path_that_does_not_exist_is_refused(self, tmp_path: Path, path: str) -> None:
        """A path that leads nowhere is told, with what to give instead."""
        with pytest.raises(InputError, match="does not exist"):
            open_source(tmp_path / path)

    def test_a_single_csv_file_is_refused(self, tmp_path: Path) -> None:
        """One file is no roster: the folder is asked for."""
        (tmp_path / "students.csv").write_bytes(b"Student_id\n")

        with pytest.raises(InputError, match="neither a folder nor a zip"):
            open_source(tmp_path / "students.csv")

    def test_a_folder_beyond_the_cap_is_refused(self, tmp_path: Path) -> None:
        """A folder larger than any roster is refused before it is read."""
        limits = Limits(total_bytes=10)
        (tmp_path / "students.csv").write_bytes(b"a" * 11)

        with pytest.raises(InputError, match="which is no roster"):
            open_source(tmp_path, limits=limits)


class TestZip:
    def test_one_top_folder_and_macos_leftovers_are_tolerated(self, tmp_path: Path) -> None:
        """A zip made by hand on a Mac reads like a plain one."""
        path = tmp_path / "export.zip"
        path.write_bytes(
            packed({"export/students.csv": b"a", "__MACOSX/export/._students.csv": b"x", "export/.DS_Store": b"x"})
        )

        source = open_source(path)

        assert source.names() == ("students.csv",)
        assert source.open("students.csv") == b"a"
        assert source.label == "export"

    def test_backslashes_in_names_are_folders(self) -> None:
        """Windows tools that write backslashes are understood."""
        content = packed({"export\\students.csv": b"a", "export\\sections.csv": b"b"})

        assert open_uploads({"x.zip": content}).names() == ("sections.csv", "students.csv")

    @pytest.mark.parametrize(
        ("entries", "words"),
        [
            pytest.param({"../students.csv": b"a"}, "leads out of the zip", id="climbing"),
            pytest.param({"a/../../students.csv": b"a"}, "leads out of the zip", id="climbing-inside"),
            pytest.param({"..\\students.csv": b"a"}, "leads out of the zip", id="climbing-backslash"),
            pytest.param({"/etc/students.csv": b"a"}, "leads out of the zip", id="absolute"),
            pytest.param({"C:\\students.csv": b"a"}, "leads out of the zip", id="drive"),
            pytest.param({"students.csv": b"a", "../note.txt": b"a"}, "leads out of the zip", id="climbing-other"),
            pytest.param({"a/students.csv": b"a", "b/sections.csv": b"a"}, "in 2 folders", id="two-folders"),
            pytest.param({"students.csv": b"a", "STUDENTS.csv": b"a"}, "twice", id="case-only"),
            pytest.param({"readme.txt": b"a"}, "no CSV or JSON file", id="nothing-to-read"),
            pytest.param({}, "no CSV or JSON file", id="empty"),
        ],
    )
    def test_unsafe_or_ambiguous_contents_are_refused(self, entries: dict[str, bytes], words: str) -> None:
        """A zip whose names lead out of it, or leave open which file is meant, is refused."""
        with pytest.raises(InputError, match=words) as caught:
            open_uploads({"export.zip": packed(entries)})

        assert "export.zip" in str(caught.value)

    def test_a_name_twice_is_refused(self) -> None:
        """Two entries of one name could be two rosters."""
        held = io.BytesIO()
        with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(held, "w") as archive:
            archive.writestr("students.csv", b"a")
            archive.writestr("students.csv", b"b")

        with pytest.raises(InputError, match="twice under one name"):
            open_uploads({"export.zip": held.getvalue()})

    def test_a_link_is_refused(self) -> None:
        """A symbolic link in a zip may point anywhere, so it is not followed."""
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            link = zipfile.ZipInfo("students.csv")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")

        with pytest.raises(InputError, match="is a link"):
            open_uploads({"export.zip": held.getvalue()})

    def test_an_encrypted_zip_is_refused(self) -> None:
        """A zip with a password says that it has to be unpacked first."""
        content = bytearray(packed({"students.csv": b"a"}))
        content[content.index(b"PK\x01\x02") + 8] |= 1
        content[6] |= 1

        with pytest.raises(InputError, match="encrypted"):
            open_uploads({"export.zip": bytes(content)})

    def test_a_bomb_is_refused_before_it_is_unpacked(self) -> None:
        """A large file packed far beyond what CSV allows is refused from its declared sizes."""
        limits = Limits(packing_from=1_000)

        with pytest.raises(InputError, match=r"would unpack from [\d,]+ to 1,000,000 bytes"):
            open_uploads({"export.zip": packed({"students.csv": bytes(1_000_000)})}, limits=limits)

    def test_a_bomb_among_the_files_that_are_not_read_is_refused(self) -> None:
        """A zip with a bomb is unsafe whatever the bomb is called: somebody will unpack it by hand."""
        limits = Limits(packing_from=1_000)

        with pytest.raises(InputError, match=r"photo\.png would unpack"):
            open_uploads({"x.zip": packed({"students.csv": b"a", "photo.png": bytes(1_000_000)})}, limits=limits)

    def test_a_sum_beyond_the_cap_is_refused(self) -> None:
        """Many files are judged by what they unpack to together."""
        limits = Limits(total_bytes=150)

        with pytest.raises(InputError, match="which is no roster"):
            open_uploads({"x.zip": packed({"students.csv": b"a" * 100, "sections.csv": b"b" * 100})}, limits=limits)

    def test_a_false_declared_size_is_found_when_read(self) -> None:
        """A zip that declares less than it unpacks to is not believed."""
        content = bytearray(packed({"students.csv": b"abcdefghij" * 500}))
        directory = content.index(b"PK\x01\x02")
        content[directory + 24 : directory + 28] = struct.pack("<I", 10)

        with pytest.raises(InputError, match=r"students\.csv in export\.zip is broken"):
            open_uploads({"export.zip": bytes(content)}).open("students.csv")

    def test_too_many_entries_are_refused(self) -> None:
        """A zip of thousands of files is no roster."""
        limits = Limits(entries=1)

        with pytest.raises(InputError, match="holds 2 files"):
            open_uploads({"x.zip": packed({"students.csv": b"a", "sections.csv": b"b"})}, limits=limits)

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda content: content[: len(content) // 2], id="cut"),
            pytest.param(lambda content: b"PK\x03\x04" + bytes(100), id="head-only"),
            pytest.param(lambda content: content[:40] + bytes(30) + content[70:], id="damaged-data"),
            pytest.param(lambda content: bytes(30) + content[30:], id="damaged-head"),
            pytest.param(lambda content: b"this is no zip", id="text"),
            pytest.param(lambda content: b"", id="empty"),
        ],
    )
    def test_a_broken_zip_is_refused(self, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
        """What is called a zip and is cut, damaged or none at all is said to be broken, with its name."""
        path = tmp_path / "export.zip"
        path.write_bytes(damage(packed({"students.csv": bytes(range(256)) * 40})))

        with pytest.raises(InputError, match=r"export\.zip is broken or cut short"):
            open_source(path).open("students.csv")

    @pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_the_usual_packing_methods_are_read(self, method: int) -> None:
        """Stored, bzip2 and LZMA entries read like deflated ones."""
        assert open_uploads({"x.zip": packed({"students.csv": b"abc"}, method)}).open("students.csv") == b"abc"

    def test_an_unknown_packing_method_is_told(self) -> None:
        """An entry packed in a way Python cannot undo asks for the usual way."""
        content = bytearray(packed({"students.csv": b"abc"}))
        content[content.index(b"PK\x01\x02") + 10] = 9
        content[8] = 9

        with pytest.raises(InputError, match="Zip the files again the usual way"):
            open_uploads({"x.zip": bytes(content)}).open("students.csv")


class TestUploads:
    def test_several_files_are_one_source(self) -> None:
        """Files dropped together are read together; others are left alone."""
        source = open_uploads({"Students.csv": b"a", "sections.csv": b"b", "photo.png": b"c"})

        assert source.names() == ("sections.csv", "students.csv")
        assert source.open("students.csv") == b"a"

    def test_a_zip_is_told_by_its_content(self) -> None:
        """A zip counts as one whatever its name."""
        assert open_uploads({"export": packed({"students.csv": b"a"})}).names() == ("students.csv",)

    def test_something_else_is_refused(self) -> None:
        """A spreadsheet or a picture is named and refused."""
        with pytest.raises(InputError, match=r"roster\.pdf is neither a folder nor a zip"):
            open_uploads({"roster.pdf": b"%PDF"})
