"""Where packages come from: this machine's settings for pip, passed on to uv, which ignores them.

Nothing is ever written into the checkout: addresses of registries belong to the machine.
"""

import ast
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

OWN_INDEX = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL")
OWN_PROXY = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")


def pip_settings(pip: list[str]) -> Mapping[str, str]:
    """Read what `pip config list` says of its files and PIP_*; the environment wins, as in pip."""
    listed = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False)
    settings: dict[str, str] = {}
    for section in ("global.", "install.", ":env:."):
        for line in listed.stdout.splitlines():
            name, found, value = line.partition("=")
            if found and name.startswith(section):
                settings[name.removeprefix(section).replace("_", "-")] = str(
                    ast.literal_eval(value)
                )
    return settings


def is_there(address: str) -> bool:
    """Say whether a folder exists; an address on the network is taken at its word."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return Path(unquote(parts.path)).exists()
    return bool(parts.scheme) or Path(address).exists()


def uv_environment(settings: Mapping[str, str], *, extras: bool) -> dict[str, str]:
    """Turn pip's settings into uv's environment; what was set for uv itself is left as it is.

    Every package is pinned by hash, so it does not matter which index serves it: best match.
    """
    environment = dict(os.environ)
    environment |= {"UV_PYTHON_DOWNLOADS": "never", "UV_LINK_MODE": "copy", "UV_NO_PROGRESS": "1"}
    said: dict[str, str] = {}
    if not any(name in os.environ for name in OWN_INDEX):
        said["UV_DEFAULT_INDEX"] = settings.get("index-url", "")
        if extras:
            more = (*settings.get("extra-index-url", "").split(),)
            said["UV_INDEX"] = " ".join(address for address in more if is_there(address))
            said["UV_INDEX_STRATEGY"] = "unsafe-best-match"
            links = settings.get("find-links", "").split()
            said["UV_FIND_LINKS"] = ",".join(link for link in links if is_there(link))
    if not any(os.environ.get(name) or os.environ.get(name.lower()) for name in OWN_PROXY):
        said["ALL_PROXY"] = settings.get("proxy", "")
    said["SSL_CERT_FILE"] = settings.get("cert", "")
    said["SSL_CLIENT_CERT"] = settings.get("client-cert", "")
    said["UV_HTTP_TIMEOUT"] = settings.get("timeout", settings.get("default-timeout", ""))
    said["UV_INSECURE_HOST"] = settings.get("trusted-host", "")
    return environment | {
        name: value for name, value in said.items() if value and not os.environ.get(name)
    }
