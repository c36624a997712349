"""One command. Rule: the clock, the settings and the loop are made here, and handed down.

Each is imported when it is asked for: only `serve` needs a web server, only two the migrations.
"""

import argparse
from collections.abc import Coroutine

from server.clock import SystemClock
from server.opening import run_loop
from server.settings import Settings, load_settings


def run_command(given: argparse.Namespace) -> int:
    """Run what the command line asks for, and give its exit code. Raises `UnableError`."""
    settings = load_settings(
        data_dir=given.data,
        host=getattr(given, "host", None),
        port=getattr(given, "port", None),
    )
    return run_loop(chosen(given, settings))


def chosen(given: argparse.Namespace, settings: Settings) -> Coroutine[object, object, int]:
    """Give the command that was asked for, not begun yet; it gives its exit code."""
    clock = SystemClock()
    match given.command:
        case "serve":
            from server.commands.serve import serve

            return serve(settings, clock)
        case "migrate":
            from server.commands.migrate import bring_up

            return bring_up(settings)
        case "init":
            from server.commands.people import init

            name, file = given.name or given.login, given.password_file
            return init(settings, clock, login=given.login, name=name, password_file=file)
        case "password":
            from server.commands.people import change_password

            file = given.password_file
            return change_password(settings, clock, login=given.login, password_file=file)
        case "company":
            from server.commands.company import company

            return company(settings, clock, file=given.file)
        case "enrol":
            from server.commands.people import enrol

            return enrol(settings, clock, login=given.login)
        case "verify":
            from server.commands.verify import verify

            return verify(settings, given.witness)
        case "backup":
            from server.commands.backup import back_up

            return back_up(
                settings, clock, to=given.to, is_check=given.check, may_lack=given.without_missing
            )
        case "restore":
            from server.commands.restore import put_back

            return put_back(
                settings,
                clock,
                place=given.place,
                is_forced=given.force,
                may_lack=given.without_missing,
            )
        case _:
            from server.commands.doctor import doctor

            return doctor(settings)
