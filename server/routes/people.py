"""People and their grants. Rule: the administrator's; a supervisor sees whom they may enrol."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, TypeVar
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT
from msgspec import structs
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import ROWS_PER_LIST_DEFAULT, ROWS_PER_LIST_MAX
from schemas.people import (
    Deactivated,
    GrantSummary,
    HandOver,
    NewGrant,
    NewPerson,
    PersonChange,
    PersonPage,
    PersonSummary,
)
from schemas.problems import FieldProblem
from server import members
from server.auth.passwords import Passwords, check_password
from server.auth.people import SignedIn, show_grant
from server.auth.sign_links import withdrawn
from server.clock import Clock
from server.database import Database
from server.errors import InvalidRequest, LoginTaken, NotAllowed, NotFound
from server.paging import Limit, Offset, Search
from server.pokes import Pokes
from server.revocations import ChangedPerson, EndedDevice, Entry, Revocations, RevokedGrant
from server.store import devices, grants, links, people, records, sessions
from server.store.grants import OpenRound, StoredGrant
from server.store.installation import Installation
from server.store.people import Person
from sync.access import may_enrol

Result = TypeVar("Result")
Sort = Literal["login", "name", "-name", "devices", "-devices"]


def show_person(person: Person, held: list[StoredGrant], *, in_use: int = 0) -> PersonSummary:
    """Give a person as the office sees them, with how many devices they have in use."""
    return PersonSummary(
        id=person.id,
        login=person.login,
        name=person.name,
        phone=person.phone,
        email=person.email,
        language=person.language,
        active=person.active,
        grants=tuple(show_grant(grant) for grant in held if grant.person == person.id),
        devices=in_use,
    )


@get("/office/people", operation_id="listPeople", summary="People")
async def list_people(
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    q: Search = None,
    sort: FromQuery[Sort] = "login",
    limit: Limit = ROWS_PER_LIST_DEFAULT,
    offset: Offset = 0,
) -> PersonPage:
    """List everybody to an administrator; to a supervisor, whom they may make devices for.

    `q` is part of a name, login or phone number.
    """
    reader = signed_in.access
    if not reader.may_anywhere("enrol"):
        raise NotAllowed("enrol")
    async with database.read() as tx:
        whom = None
        if not reader.is_administrator:
            access = await grants.load_all_access(tx)
            duties = await grants.load_duty_sites(tx)
            whom = [
                id_
                for id_, theirs in access.items()
                if may_enrol(reader, theirs, duty_sites=duties.get(id_, ()))
            ]
        total, page = await people.load_page(
            tx, q or "", whom=whom, order=sort, limit=limit, offset=offset
        )
        held = await grants.load_grants(tx, [person.id for person, _ in page])
    rows = tuple(show_person(person, held, in_use=in_use) for person, in_use in page)
    return PersonPage(total=total, offset=offset, rows=rows)


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
    found = await records.locate(tx, set(named.values()))
    for name, value in named.items():
        if value not in found or found[value].kind != name:
            raise InvalidRequest(fields=(FieldProblem(field=name, detail="does not exist"),))


@post("/office/people/{person_id:uuid}/grants", operation_id="grant", summary="Grant a role")
async def grant(
    person_id: FromPath[UUID],
    data: JSONBody[NewGrant],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
) -> Response[GrantSummary]:
    """Grant a role at a customer, a contract or a site; it holds from the next request on."""
    signed_in.demand("people")
    made = StoredGrant(
        id=clock.new_id(),
        person=person_id,
        role=data.role,
        customer=data.customer,
        contract=data.contract,
        site=data.site,
        granted_at=clock.now(),
    )

    async def work(tx: AsyncConnection) -> None:
        await check_place(tx, data)
        await grants.save_new(tx, made, granted_by=signed_in.person.id)

    await change_person(person_id, work, signed_in, database, clock, pokes, installation)
    return Response(show_grant(made), status_code=HTTP_201_CREATED)


@post("/office/grants/{grant_id:uuid}/revoke", operation_id="revokeGrant", summary="Revoke a grant")
async def revoke_grant(
    grant_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
    revocations: NamedDependency[Revocations],
) -> Response[None]:
    """End a grant. The last administrator's stays: nobody could grant anything after."""
    signed_in.demand("people")
    unknown = NotFound("there is no such grant")
    async with database.read() as tx:
        found = await grants.load_one(tx, grant_id)
    if found is None:
        raise unknown

    now = clock.now()

    async def work(tx: AsyncConnection) -> None:
        if found.role == "administrator":
            await people.lock_administrators(tx)
        if await grants.revoke(tx, grant_id, at=now) is None:
            raise unknown  # Somebody else was faster.
        if found.role == "administrator" and not await people.has_administrator(tx):
            raise NotAllowed("somebody must stay administrator")

    await change_person(found.person, work, signed_in, database, clock, pokes, installation)
    await revocations.keep(RevokedGrant(id=grant_id, by=signed_in.person.id, at=now))
    return Response(None, status_code=HTTP_204_NO_CONTENT)


@post(
    "/office/people/{person_id:uuid}/change",
    operation_id="changePerson",
    summary="Change name, phone or e-mail",
    status_code=HTTP_200_OK,
)
async def change_details(
    person_id: FromPath[UUID],
    data: JSONBody[PersonChange],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
) -> PersonSummary:
    """Change what others see of a person, here and on the tablets of their sites."""
    signed_in.demand("people")

    async def work(tx: AsyncConnection) -> PersonSummary:
        person = await load_person(tx, person_id)
        given = {name: value for name, value in structs.asdict(data).items() if value is not None}
        changed = structs.replace(person, **given)
        await people.save_details(tx, changed)
        held = await grants.load_grants(tx, [person_id])
        in_use = await devices.load_active_of(tx, person_id)
        return show_person(changed, held, in_use=len(in_use))

    return await change_person(person_id, work, signed_in, database, clock, pokes, installation)


@post(
    "/office/people/{person_id:uuid}/deactivate",
    operation_id="deactivatePerson",
    summary="Somebody leaves",
    status_code=HTTP_200_OK,
)
async def deactivate(
    person_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
    revocations: NamedDependency[Revocations],
) -> Deactivated:
    """End the person's sessions, let their devices only send, take them off the sites' members.

    Grants and rounds stay; the rounds that are not done are answered, to be handed over. The last
    administrator stays. Again changes nothing.
    """
    signed_in.demand("people")
    taken: list[Entry] = []

    async def work(tx: AsyncConnection) -> Deactivated:
        await people.lock_administrators(tx)
        person = await load_person(tx, person_id)
        now = clock.now()
        await people.save_active(tx, person_id, active=False, at=now)
        if not await people.has_administrator(tx):
            raise NotAllowed("somebody must stay administrator")
        await sessions.end_all(tx, person_id, now=now)
        draining = await devices.load_active_of(tx, person_id)
        await devices.drain_all(tx, person_id, at=now)
        taken[:] = [
            ChangedPerson(id=person_id, active=False, by=signed_in.person.id, at=now),
            *(EndedDevice(id=device, state="draining", at=now) for device in draining),
            *withdrawn(await links.withdraw_where(tx, person=person_id, at=now), at=now),
        ]
        rounds = await grants.load_open_rounds(tx, person_id)
        held = await grants.load_grants(tx, [person_id])
        return Deactivated(
            person=show_person(structs.replace(person, active=False), held),
            rounds=tuple(map(show_round, rounds[:ROWS_PER_LIST_MAX])),
            rounds_total=len(rounds),
            devices_draining=len(draining),
        )

    done = await change_person(person_id, work, signed_in, database, clock, pokes, installation)
    await revocations.keep(*taken)
    return done


def show_round(round_: OpenRound) -> HandOver:
    """Give a round that waits for somebody else."""
    return HandOver(
        assignment=round_.id,
        site=round_.site,
        site_name=round_.site_name,
        title=round_.title,
        due_at=round_.due_at,
        backup=round_.is_backup,
    )


@post(
    "/office/people/{person_id:uuid}/reactivate",
    operation_id="reactivatePerson",
    summary="Somebody comes back",
    status_code=HTTP_200_OK,
)
async def reactivate(
    person_id: FromPath[UUID],
    signed_in: NamedDependency[SignedIn],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    pokes: NamedDependency[Pokes],
    installation: NamedDependency[Installation],
    revocations: NamedDependency[Revocations],
) -> PersonSummary:
    """Let a person sign in again, with the grants they had. Their devices must enrol again."""
    signed_in.demand("people")
    taken: list[Entry] = []

    async def work(tx: AsyncConnection) -> PersonSummary:
        person = await load_person(tx, person_id)
        now = clock.now()  # While the row is ours: of two words the later one was said later.
        await people.save_active(tx, person_id, active=True, at=now)
        taken[:] = [ChangedPerson(id=person_id, active=True, by=signed_in.person.id, at=now)]
        held = await grants.load_grants(tx, [person_id])
        return show_person(structs.replace(person, active=True), held)

    done = await change_person(person_id, work, signed_in, database, clock, pokes, installation)
    await revocations.keep(*taken)
    return done


async def load_person(tx: AsyncConnection, person_id: UUID) -> Person:
    """Load somebody and hold them until `tx` ends. Raises `NotFound`."""
    person = await people.lock(tx, person_id)
    if person is None:
        raise NotFound("there is no such person")
    return person


async def change_person(
    person_id: UUID,
    work: Callable[[AsyncConnection], Awaitable[Result]],
    signed_in: SignedIn,
    database: Database,
    clock: Clock,
    pokes: Pokes,
    installation: Installation,
) -> Result:
    """Do `work` and let the members of the sites follow, all or nothing; then tell who holds them.

    The person's own devices and screens are told too and come back: they hold other scopes now.
    """

    async def whole(
        tx: AsyncConnection, needs: frozenset[str]
    ) -> tuple[Result, Mapping[str, int], list[UUID]]:
        await load_person(tx, person_id)
        readers = [person_id, *await devices.load_active_of(tx, person_id)]
        done = await work(tx)
        heads = await members.refresh(
            tx,
            clock,
            by=signed_in.person.id,
            epoch=installation.epoch,
            person=person_id,
            needs=needs,
        )
        return done, heads, readers

    done, heads, readers = await members.change(database, whole)
    pokes.tell(heads, readers=readers)
    return done
