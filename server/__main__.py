"""`python -m server`: reads the command line. Rule: nothing is imported before it is needed.

Importing is most of what a short command costs, and the tests start hundreds.
"""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from server.commands.terminal import (
    PORT_MAX,
    NobodyReads,
    Parser,
    complain,
    fall_silent,
    whole_number,
)
from server.errors import UnableError

EXIT_UNABLE = 2
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it.
EXIT_PIPE = 141  # 128 + SIGPIPE.


def make_parser() -> argparse.ArgumentParser:
    """Describe the commands. Settings that are often set by hand have an option."""
    parser = Parser(
        prog="python -m server", description="Xunjian. Settings: XUNJIAN_*, see docs/settings.md."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.add_argument("--data", type=Path, metavar="DIR", help="data folder")
        return made

    serving = add("serve", "run the server until it is told to stop")
    serving.add_argument("--host", help="address to listen on")
    port = partial(whole_number, most=PORT_MAX)
    serving.add_argument("--port", type=port, help="TCP port to listen on; 0 takes any free one")
    first = add("init", "make the first administrator")
    first.add_argument("login")
    first.add_argument("--name", help="as it is shown; the login otherwise")
    first.add_argument("--password-file", type=Path, metavar="FILE", help="instead of asking")
    again = add("password", "give somebody who forgot theirs a new password")
    again.add_argument("login")
    again.add_argument("--password-file", type=Path, metavar="FILE", help="instead of asking")
    setting_up = add("company", "write people, customers, sites, equipment and plans of a file")
    setting_up.add_argument("file", type=Path, metavar="FILE", help="see docs/setup.md")
    add("enrol", "make a link by which a tablet becomes somebody's device").add_argument("login")
    add("migrate", "bring the database to this program's schema")
    add("doctor", "show the effective settings and what keeps the server from working")
    audit = add("verify", "look whether everything that was received is as it was")
    audit.add_argument(
        "--witness",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="roots as a tablet hands them out; may be repeated",
    )
    saving = add("backup", "copy the database and all photos and files, while the server runs")
    saving.add_argument("--to", type=Path, metavar="DIR", help="folder of backups")
    saving.add_argument("--check", action="store_true", help="make none; read all that there are")
    saving.add_argument(
        "--without-missing",
        action="store_true",
        help="where the store lacks photos: take back that they are here, and list them",
    )
    putting = add("restore", "put a backup back; the server is off")
    putting.add_argument("place", type=Path, metavar="DIR", help="a backup, or a folder of them")
    putting.add_argument("--force", action="store_true", help="also where there is a database")
    putting.add_argument(
        "--without-missing",
        action="store_true",
        help="also where photos are missing or damaged: put back all the rest, and list them",
    )
    commands.add_parser("demo", add_help=False, help="run everything with a demo company")
    return parser


def run(arguments: list[str]) -> int:
    """Run one command. Raises `UnableError` for what the person can mend."""
    if arguments[:1] == ["demo"]:
        # Only this command needs the demo company; it has options of its own.
        from server import demo

        return demo.run(arguments[1:])
    given = make_parser().parse_args(arguments)
    # Whoever asks for help, or slips, waits for none of this.
    from server.commands.run import run_command

    return run_command(given)


def main(arguments: list[str]) -> int:
    """Run one command. Exit codes: 0 done, 1 a fault was found, 2 unable, said in one line."""
    try:
        return run(arguments)
    except UnableError as unable:
        complain(str(unable))
        return EXIT_UNABLE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except (BrokenPipeError, NobodyReads):
        fall_silent()  # Whoever read our words has enough.
        return EXIT_PIPE


if __name__ == "__main__":
    os.umask(
        0o077
    )  # What this program writes (people's answers, keys, links) is its owner's alone.
    sys.exit(main(sys.argv[1:]))
