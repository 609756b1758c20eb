"""Where a district's files come from: a folder, a zip, or files a person dropped on a page.

Every way gives the same `Source`: flat file names, read whole, ignoring the case of the name.
A zip is not trusted: its names, its links, its sizes and what it really unpacks to are all checked.
"""

from __future__ import annotations

import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from roster_core.errors import InputError

_READ = (".csv", ".json")
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, struct.error, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source may hold at most; beyond it, it is no roster but an accident or an attack.

    total_bytes: of all files, unpacked; several times what the largest district writes.
    packing: how many times a file in a zip may grow. CSV grows 5 to 30 times, zeros 1,000
    times. Only files of more than `packing_from` bytes are judged: smaller ones do no harm.
    entries: files in a zip.
    """

    total_bytes: int = 4 * 1024**3
    packing: int = 200
    packing_from: int = 32 * 1024**2
    entries: int = 10_000


_LIMITS = Limits()


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The CSV and JSON files of one district. `place` is what messages call it, `label` its short name."""

    place: str
    label: str
    _readers: Mapping[str, Callable[[], bytes]]

    def names(self) -> tuple[str, ...]:
        """The file names, lower case and without folders, sorted."""
        return tuple(sorted(self._readers))

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._readers

    def open(self, name: str) -> bytes:
        """All bytes of a file; the case of `name` does not matter. Raises InputError: absent, unreadable or unsafe."""
        reader = self._readers.get(name.lower())
        if reader is None:
            found = ", ".join(self.names()) or "no CSV or JSON file"
            raise InputError(f"{self.place} has no {name}; it holds {found}. Add {name} and load again.")
        return reader()


def open_source(path: str | Path, *, limits: Limits = _LIMITS) -> Source:
    """The files of a folder or a zip. Nothing is read yet but the zip's list of contents.

    One folder around the files is tolerated, and so are `__MACOSX` and hidden files.
    Raises InputError: no such path, neither folder nor zip, nothing to read in it, files in
    several folders, or a zip that is broken, encrypted or unsafe.
    """
    path = Path(path)
    try:
        if path.is_dir():
            return _folder(path, limits)
        if not path.exists():
            raise InputError(f"{path} does not exist. Give the folder or zip that holds the district's files.")
        if not zipfile.is_zipfile(path):
            raise _not_a_zip(str(path))
        return _zip(path, str(path), path.stem, limits)
    except (OSError, ValueError) as error:
        # ValueError: a path with a zero byte in it.
        raise InputError(f"{path} cannot be opened ({type(error).__name__}). Check the path and its rights.") from error


def open_uploads(files: Mapping[str, bytes], *, limits: Limits = _LIMITS) -> Source:
    """The files a person chose on a page, by name: one zip, or the CSV or JSON files themselves.

    Nothing is written to disk. Raises InputError as `open_source`.
    """
    if len(files) == 1:
        [(name, content)] = files.items()
        if zipfile.is_zipfile(io.BytesIO(content)):
            return _zip(io.BytesIO(content), name, PurePosixPath(name).stem, limits)
        if not name.lower().endswith(_READ):
            raise _not_a_zip(name)
    if sum(map(len, files.values())) > limits.total_bytes:
        raise _too_large("The upload", limits)
    chosen = [name for name in files if _wanted(PurePosixPath(name))]
    return _source("The upload", "upload", {name: _keep(files[name]) for name in _only_folder(chosen, "The upload")})


def _folder(path: Path, limits: Limits) -> Source:
    label = path.resolve().name
    inside = [entry for entry in path.iterdir() if not entry.name.startswith((".", "__MACOSX"))]
    files = [entry for entry in inside if _wanted(PurePosixPath(entry.name)) and entry.is_file()]
    if not files and len(folders := [entry for entry in inside if entry.is_dir()]) == 1:
        files = [entry for entry in folders[0].iterdir() if _wanted(PurePosixPath(entry.name)) and entry.is_file()]
    if sum(entry.stat().st_size for entry in files) > limits.total_bytes:
        raise _too_large(str(path), limits)
    return _source(str(path), label, {entry.name: _from_disk(entry) for entry in files})


def _zip(file: Path | io.BytesIO, place: str, label: str, limits: Limits) -> Source:
    try:
        archive = zipfile.ZipFile(file)
    except (*_BROKEN, NotImplementedError) as error:
        raise _broken(place) from error
    with archive:
        # A damaged zip may hold an entry without a name.
        entries = [entry for entry in archive.infolist() if entry.filename and not entry.is_dir()]
    if len(entries) > limits.entries:
        raise InputError(f"{place} holds {len(entries):,} files, which is no roster. Zip the district's files only.")
    for entry in entries:
        _check_entry(entry, place, limits)
    wanted = {entry.filename: entry for entry in entries if _wanted(_inner_path(entry))}
    if len(wanted) < sum(_wanted(_inner_path(entry)) for entry in entries):
        raise InputError(f"{place} holds a file twice under one name. Zip the files again, each once.")
    if sum(entry.file_size for entry in wanted.values()) > limits.total_bytes:
        raise _too_large(place, limits)
    chosen = _only_folder(wanted, place)
    return _source(place, label, {name: _from_zip(file, wanted[name], place) for name in chosen})


def _check_entry(entry: zipfile.ZipInfo, place: str, limits: Limits) -> None:
    """Refuse what a roster's zip never has and an attack does."""
    inner = _inner_path(entry)
    if inner.is_absolute() or re.match(r"[A-Za-z]:", str(inner)) or ".." in inner.parts:
        raise InputError(f"{place} is unsafe: it holds {str(inner)!r}, which leads out of the zip. Ask for a new file.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise InputError(f"{place} is unsafe: {str(inner)!r} is a link, not a file. Zip the files themselves.")
    if entry.file_size > max(limits.packing_from, limits.packing * entry.compress_size):
        raise InputError(
            f"{place} is unsafe: {inner.name} would unpack from {entry.compress_size:,} to {entry.file_size:,} bytes."
            " Ask for a new file, or load the unpacked folder."
        )
    if _wanted(inner) and entry.flag_bits & 0x1:
        raise InputError(f"{place} is encrypted ({inner.name}). Unpack it with its password and load the folder.")


def _inner_path(entry: zipfile.ZipInfo) -> PurePosixPath:
    # Some Windows tools write backslashes.
    return PurePosixPath(entry.filename.replace("\\", "/"))


def _wanted(path: PurePosixPath) -> bool:
    hidden = "__MACOSX" in path.parts or path.name.startswith(".")
    return not hidden and path.name.lower().endswith(_READ)


def _only_folder(names: Iterable[str], place: str) -> list[str]:
    """The names, when all lie in one folder: files of several folders could be two districts."""
    names = list(names)
    folders = sorted({str(PurePosixPath(name.replace("\\", "/")).parent) for name in names})
    if len(folders) > 1:
        listed = ", ".join("the top" if folder == "." else folder for folder in folders[:4])
        raise InputError(f"{place} holds files in {len(folders)} folders ({listed}). Put one district's in one folder.")
    return names


def _source(place: str, label: str, readers: Mapping[str, Callable[[], bytes]]) -> Source:
    if not readers:
        raise InputError(
            f"{place} holds no CSV or JSON file. Give a folder or zip of Clever CSV, of OneRoster CSV,"
            " or of Clever API answers."
        )
    flat: dict[str, Callable[[], bytes]] = {}
    for name, reader in readers.items():
        key = PurePosixPath(name.replace("\\", "/")).name.lower()
        if key in flat:
            raise InputError(f"{place} holds {key} twice (names differ only by case). Keep the right one.")
        flat[key] = reader
    return Source(place, label, flat)


def _keep(content: bytes) -> Callable[[], bytes]:
    return lambda: content


def _from_disk(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise InputError(f"{path} cannot be read ({type(error).__name__}). Check that the file opens.") from error

    return read


def _from_zip(file: Path | io.BytesIO, entry: zipfile.ZipInfo, place: str) -> Callable[[], bytes]:
    name = _inner_path(entry).name

    def read() -> bytes:
        try:
            with zipfile.ZipFile(file) as archive, archive.open(entry) as packed:
                # One byte more than declared: a file that gives it does not hold what its zip says.
                content = packed.read(entry.file_size + 1)
        except NotImplementedError as error:
            raise InputError(
                f"{name} in {place} is packed in a way that cannot be read here. Zip the files again the usual way."
            ) from error
        except (*_BROKEN, RuntimeError) as error:
            raise _broken(f"{name} in {place}") from error
        if len(content) != entry.file_size:
            raise _broken(f"{name} in {place}")
        return content

    return read


def _broken(place: str) -> InputError:
    return InputError(f"{place} is broken or cut short. Copy or download it again.")


def _not_a_zip(place: str) -> InputError:
    if place.lower().endswith(".zip"):
        return _broken(place)
    return InputError(f"{place} is neither a folder nor a zip. Give the folder or zip that holds the district's files.")


def _too_large(place: str, limits: Limits) -> InputError:
    size = limits.total_bytes / 1024**2
    return InputError(f"{place} holds more than {size:,.0f} MiB unpacked, which is no roster. Give its files only.")
