"""Find a Chromium for the browser tests, or bring one; never carry on without.

Order: $CHROMIUM, the system's, Playwright's own, then Debian's package (as root), then Playwright's
download.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.once import UnableError, alone, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
WAY_OUT = (
    "the browser tests need Chromium or Chrome: install one (Debian: apt-get install chromium "
    "fonts-noto-cjk) or name it: CHROMIUM=/path/to/chromium"
)


def playwright_own() -> str | None:
    """Name the newest browser that Playwright has downloaded, if there is one."""
    default = Path.home() / ".cache" / "ms-playwright"
    place = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default)
    found = [path for path in place.glob("chromium-*/chrome-linux*/chrome") if path.is_file()]
    return str(max(found, key=lambda path: path.stat().st_mtime)) if found else None


def find() -> str | None:
    """Name a browser that is there."""
    named = os.environ.get("CHROMIUM")
    if named:
        if not shutil.which(named):
            raise UnableError(f"CHROMIUM={named} is not a program")
        return shutil.which(named)
    return next(filter(None, map(shutil.which, NAMES)), None) or playwright_own()


def apt_install(*packages: str, purpose: str = "the browser tests") -> bool:
    """Install Debian packages; False where that is not possible."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"installing {' and '.join(packages)} for {purpose} (once)")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    wait = ["-o", "DPkg::Lock::Timeout=300", "-qq"]
    for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", *wait, *command], env=environment, check=False, stdout=subprocess.DEVNULL
        )
        if done.returncode != 0:
            return False
    return True


def knows_chinese() -> bool:
    """Say whether some font can show Chinese; without one a page is a row of empty boxes."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False)
    return bool(listed.stdout.strip())


def find_or_install() -> str:
    """Name a browser, after installing one where this machine lets us."""
    with alone("browser"):
        found = find()
        if found is None and apt_install("chromium", "fonts-noto-cjk"):
            found = find()
        if found is None:
            say("asking Playwright for its own browser")
            command = [sys.executable, "-m", "playwright", "install", "chromium"]
            subprocess.run(command, check=False, capture_output=True)
            found = find()
        if found is None:
            raise UnableError(WAY_OUT)
        if not knows_chinese() and not apt_install("fonts-noto-cjk", "fontconfig"):
            say("no font here shows Chinese: pictures of the app will have empty boxes")
        return found


def main() -> int:
    """Name the browser, or say in one line how to get one."""
    try:
        print(find_or_install())
    except UnableError as reason:
        say(str(reason))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
