"""People and their grants. Rule: the administrator's; a supervisor sees whom they may enrol."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import structs
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.people import GrantSummary, NewGrant, NewPerson, PersonSummary
from schemas.problems import FieldProblem
from server.auth import Passwords, SignedIn, check_password
from server.clock import Clock
from server.database import Database
from server.errors import InvalidRequest, LoginTaken, NotAllowed, NotFound
from server.store import grants, people
from server.store.grants import StoredGrant
from server.store.kind_tables import KIND_TABLES
from server.store.people import Person
from sync.access import may_enrol


def show_grant(grant: StoredGrant) -> GrantSummary:
    """Give a grant as the office sees it."""
    return GrantSummary(
        id=grant.id,
        role=grant.role,
        customer=grant.customer,
        contract=grant.contract,
        site=grant.site,
        granted_at=grant.granted_at,
    )


def show_person(person: Person, held: list[StoredGrant]) -> PersonSummary:
    """Give a person as the office sees them."""
    return PersonSummary(
        id=person.id,
        login=person.login,
        name=person.name,
        phone=person.phone,
        email=person.email,
        language=person.language,
        active=person.active,
        grants=tuple(show_grant(grant) for grant in held if grant.person == person.id),
    )


@get("/office/people", operation_id="listPeople", summary="People")
async def list_people(
    signed_in: NamedDependency[SignedIn], database: NamedDependency[Database]
) -> list[PersonSummary]:
    """List everybody to an administrator; to a supervisor, whom they may make devices for."""
    if not signed_in.access.may_anywhere("enrol"):
        raise NotAllowed("enrol")
    async with database.read() as tx:
        everybody = await people.load_all(tx)
        held = await grants.load_grants(tx)
        access = await grants.load_all_access(tx)
    return [
        show_person(person, held)
        for person in everybody
        if signed_in.access.is_administrator
        or (person.id in access and may_enrol(signed_in.access, access[person.id]))
    ]


@post("/office/people", operation_id="createPerson", summary="Add a person")
async def create_person(
    data: JSONBody[NewPerson],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    passwords: NamedDependency[Passwords],
) -> Response[PersonSummary]:
    """Add a person, who is granted nothing yet. Problems: `login-taken`, `password-too-weak`."""
    signed_in.demand("people")
    if data.password is not None:
        check_password(data.password, login=data.login, field="password")
    hashed = await passwords.hash(data.password) if data.password is not None else None
    person = Person(
        id=clock.new_id(),
        login=data.login,
        name=data.name,
        phone=data.phone,
        email=data.email,
        language=data.language,
        created_at=clock.now(),
    )
    taken = LoginTaken(fields=(FieldProblem(field="login", detail="is somebody's already"),))
    try:
        async with database.write() as tx:
            if await people.load_by_login(tx, person.login) is not None:
                raise taken
            await people.save_new(tx, person, password_hash=hashed)
    except IntegrityError:  # On PostgreSQL two may add the same login at once.
        raise taken from None
    return Response(show_person(person, []), status_code=HTTP_201_CREATED)


async def check_place(tx: AsyncConnection, asked: NewGrant) -> None:
    """Raise `InvalidRequest` unless the grant names exactly one place that exists.

    An administrator's names none: it is global.
    """
    named = {
        name: value
        for name in ("customer", "contract", "site")
        if isinstance(value := structs.asdict(asked)[name], UUID)
    }
    wanted = 0 if asked.role == "administrator" else 1
    if len(named) != wanted:
        detail = "names no place" if wanted == 0 else "names one customer, contract or site"
        raise InvalidRequest(fields=(FieldProblem(field="role", detail=f"{asked.role} {detail}"),))
    for name, value in named.items():
        table = KIND_TABLES[name]
        if await tx.scalar(select(table.c.id).where(table.c.id == value)) is None:
            raise InvalidRequest(fields=(FieldProblem(field=name, detail="does not exist"),))


@post("/office/people/{person_id:uuid}/grants", operation_id="grant", summary="Grant a role")
async def grant(
    person_id: FromPath[UUID],
    data: JSONBody[NewGrant],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Response[GrantSummary]:
    """Grant a role at a customer, a contract or a site; it holds from the next request on."""
    signed_in.demand("people")
    async with database.write() as tx:
        if await people.load(tx, person_id) is None:
            raise NotFound("there is no such person")
        await check_place(tx, data)
        made = StoredGrant(
            id=clock.new_id(),
            person=person_id,
            role=data.role,
            customer=data.customer,
            contract=data.contract,
            site=data.site,
            granted_at=clock.now(),
        )
        await grants.save_new(tx, made, granted_by=signed_in.person.id)
    return Response(show_grant(made), status_code=HTTP_201_CREATED)


@post("/office/grants/{grant_id:uuid}/revoke", operation_id="revokeGrant", summary="Revoke a grant")
async def revoke_grant(
    grant_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """End a grant. The last administrator's stays: nobody could grant anything after."""
    signed_in.demand("people")
    async with database.write() as tx:
        ended = await grants.revoke(tx, grant_id, at=clock.now())
        if ended is None:
            raise NotFound("there is no such grant")
        if ended.role == "administrator" and not await people.has_administrator(tx):
            raise NotAllowed("somebody must stay administrator")
    return Response(None, status_code=HTTP_204_NO_CONTENT)
