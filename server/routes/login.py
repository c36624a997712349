"""Signing in to the office, and out. Rule: which half was wrong is never told.

Neither by words nor by the time it takes.
"""

from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from schemas.people import LanguageChange, LoginRequest, Me, PasswordChange
from schemas.problems import FieldProblem
from server.auth.attempts import Attempts
from server.auth.passwords import Passwords, check_password
from server.auth.people import (
    SignedIn,
    new_session,
    refuse_foreign_page,
    session_cookie,
    show_grant,
)
from server.clock import Clock
from server.database import Database
from server.errors import WrongLogin
from server.settings import Settings
from server.store import grants, people, sessions
from sync.access import MAY


def show_me(signed_in: SignedIn) -> Me:
    """Give what the app needs to know of who is signed in."""
    person = signed_in.person
    return Me(
        person=person.id,
        login=person.login,
        name=person.name,
        language=person.language,
        grants=tuple(show_grant(grant) for grant in signed_in.grants),
        may=tuple(action for action in MAY if signed_in.access.may_anywhere(action)),
        csrf=signed_in.session.csrf,
        expires_at=signed_in.session.expires_at,
    )


@post("/office/login", operation_id="signIn", summary="Sign in", status_code=HTTP_200_OK)
async def sign_in(
    request: Request[object, object, State],
    data: JSONBody[LoginRequest],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    passwords: NamedDependency[Passwords],
    attempts: NamedDependency[Attempts],
    address: NamedDependency[str],
) -> Response[Me]:
    """Check name and password, and begin a session in a cookie that no script can read.

    Problems: `wrong-login`, whatever of the two was wrong; `too-many-attempts`, before either is
    looked at.
    """
    refuse_foreign_page(request)
    login = data.login.strip().lower()
    attempts.begin(name=login, address=address)
    async with database.read() as tx:
        person = await people.load_by_login(tx, login)
        stored = await people.load_password_hash(tx, person.id) if person else None
    usable = stored if person is not None and person.active else None
    good = await passwords.verify(usable, data.password)
    if person is None or not good or usable is None:
        raise WrongLogin
    attempts.forgive(name=login, address=address)
    fresh = await passwords.hash(data.password) if passwords.is_outdated(usable) else None
    secret, session = new_session(clock, settings, person.id)
    async with database.write() as tx:
        if fresh is not None:
            await people.save_password_hash(tx, person.id, fresh)
        await sessions.save_new(tx, session)
        access = await grants.load_access(tx, person.id)
        held = await grants.load_grants(tx, [person.id])
    signed_in = SignedIn(person, access, tuple(held), session)
    cookie = session_cookie(settings, secret, max_age_seconds=settings.session_hours * 3600)
    return Response(show_me(signed_in), cookies=[cookie])


@post("/office/logout", operation_id="signOut", summary="Sign out", status_code=HTTP_204_NO_CONTENT)
async def sign_out(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[None]:
    """End this session, on the server and in the browser."""
    async with database.write() as tx:
        await sessions.end(tx, signed_in.session.hash, now=clock.now())
    gone = session_cookie(settings, "", max_age_seconds=0)
    return Response(None, status_code=HTTP_204_NO_CONTENT, cookies=[gone])


@get("/office/me", operation_id="me", summary="Who is signed in")
async def me(signed_in: NamedDependency[SignedIn]) -> Me:
    """Tell who is signed in, what they may, and the token for their writes."""
    return show_me(signed_in)


@post("/office/me/password", operation_id="changePassword", summary="Change one's own password")
async def change_password(
    data: JSONBody[PasswordChange],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    passwords: NamedDependency[Passwords],
    attempts: NamedDependency[Attempts],
    address: NamedDependency[str],
) -> Response[None]:
    """Replace the password, and end every other session of this person.

    Problems: `wrong-login` when the current one is wrong, `password-too-weak` for the new one.
    """
    person = signed_in.person
    attempts.begin(name=person.login, address=address)
    async with database.read() as tx:
        stored = await people.load_password_hash(tx, person.id)
    if not await passwords.verify(stored, data.current):
        wrong = FieldProblem(field="current", detail="is not the current password")
        raise WrongLogin(fields=(wrong,))
    attempts.forgive(name=person.login, address=address)
    check_password(data.new, login=person.login, field="new")
    made = await passwords.hash(data.new)
    async with database.write() as tx:
        await people.save_password_hash(tx, person.id, made)
        await sessions.end_others(tx, signed_in.session, now=clock.now())
    return Response(None, status_code=HTTP_204_NO_CONTENT)


@post("/office/me/language", operation_id="changeLanguage", summary="Change one's own language")
async def change_language(
    data: JSONBody[LanguageChange],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
) -> Response[None]:
    """Remember the language, for every device of this person."""
    async with database.write() as tx:
        await people.save_language(tx, signed_in.person.id, data.language)
    return Response(None, status_code=HTTP_204_NO_CONTENT)
