"""Finds keys where Huawei's own tools look for them: the environment, then `~/.huaweicloud/credentials`.

See PROTOCOL.md, section 4.3.
"""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from pathlib import Path

from backend_adapters.errors import NotLoggedIn
from backend_adapters.files import read_limited
from backend_adapters.transport.credentials import AccessKeys, Credentials, FoundCredentials
from backend_adapters.trust import find_distrust

_ENVIRONMENTS = (
    ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"),
    ("HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN"),
)
_PROJECTS = ("HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID")
_FILE = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"
_USUAL_FILE = ".huaweicloud/credentials"
_SECTION = "basic"
_LARGEST = 64 * 1024


def find_huawei_credentials(environ: Mapping[str, str]) -> FoundCredentials | None:
    """The keys and the project that are set up on this machine; None where there are neither.

    Keys in a file are read again each time they are needed, as the file may have been renewed. Raises
    NotLoggedIn for a file that exists and can't be read.
    """
    project = next((environ[name] for name in _PROJECTS if environ.get(name)), None)
    set_names = (names for names in _ENVIRONMENTS if environ.get(names[0]) and environ.get(names[1]))
    if found := next(set_names, None):
        access, secret, token = found
        keys = AccessKeys(environ[access], environ[secret], environ.get(token, ""))
        return FoundCredentials(Credentials(keys=lambda: keys), project, access)
    path = _credentials_file(environ)
    section = _read_section(path, required=bool(environ.get(_FILE)))
    if _keys_from(section) is not None:
        source = environ.get(_FILE) or f"~/{_USUAL_FILE}"
        reread = Credentials(keys=lambda: _keys_from(_read_section(path, required=True)))
        return FoundCredentials(reread, project or section.get("project_id"), source)
    if project is None:
        return None
    return FoundCredentials(Credentials(), project, next(name for name in _PROJECTS if environ.get(name)))


def _credentials_file(environ: Mapping[str, str]) -> Path:
    named = environ.get(_FILE)
    if named:
        return Path(named)
    home = environ.get("HOME")
    return (Path(home) if home else Path.home()) / _USUAL_FILE


def _keys_from(section: Mapping[str, str]) -> AccessKeys | None:
    access, secret = section.get("ak", "").strip(), section.get("sk", "").strip()
    return (
        AccessKeys(access, secret, section.get("security_token", "").strip()) if access and secret else None
    )


def _read_section(path: Path, *, required: bool) -> dict[str, str]:
    """The section [basic] of the file, empty where there is none. Raises NotLoggedIn for an unusable file.

    The message of the parser is left out: it quotes the broken line, which may hold the secret key.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        text = read_limited(path, _LARGEST).decode()
        if why := find_distrust(path):
            raise _credentials_error(f"The keys in {path} are not used. {why}")
        parser.read_string(text)
    except FileNotFoundError:
        if required:
            raise _unreadable_file(path, "the file doesn't exist") from None
        return {}
    except OSError as error:
        raise _unreadable_file(path, error.strerror or "the file can't be opened") from None
    except (configparser.Error, ValueError):
        raise _unreadable_file(path, "the file needs a section [basic] with the lines ak and sk") from None
    return dict(parser[_SECTION]) if parser.has_section(_SECTION) else {}


def _unreadable_file(path: Path, why: str) -> NotLoggedIn:
    return _credentials_error(f"The keys in {path} can't be read: {why}.")


def _credentials_error(message: str) -> NotLoggedIn:
    error = NotLoggedIn(message, hint="Fix the file, or use other keys.")
    error.wants = "keys"
    return error
