"""Laws of rounds and decisions, whatever tablets and reviewers do, in whatever order."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from schemas.base import Words
from schemas.forms import Check, Form, NumberItem, Section
from schemas.kinds.inspection import Review
from schemas.office_writes import Decision, OfficeOp, ReturnRemark
from schemas.ops import Made, Op
from sync.changes import read_changes
from sync.errors import SyncError
from sync.merge import Writer, merge
from sync.record import Record, raws
from sync.review import Case, Reviewer, decide, undo, versions

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SCOPE = "site:00000000-0000-0000-0000-000000000009"
TABLET, DESK = UUID(int=7), UUID(int=8)
W = Words(zh="字", en="word")
ITEMS = (Check(id="fan", title=W, photo_on_fail=False), NumberItem(id="temp", title=W))
FORM = Form(sections=(Section(id="s", title=W, items=ITEMS),))

Step = tuple[str, int]
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.integers(-5, 60)),
        st.tuples(st.just("clear"), st.just(0)),
        st.tuples(st.just("submit"), st.integers(1, 4)),
        st.tuples(st.just("accept"), st.just(0)),
        st.tuples(st.just("return"), st.just(0)),
        st.tuples(st.just("undo"), st.just(0)),
    ),
    max_size=25,
)


@dataclass
class Work:
    """One inspection and its asset, written by the real merge as ops come in."""

    records: dict[str, Record]
    n: int = 0
    reviews: list[Review | None] = field(default_factory=list)
    ids: "count[int]" = field(default_factory=lambda: count(1000))

    def case(self) -> Case:
        return Case(
            inspection=self.records["inspection"],
            asset=self.records["asset"],
            template="ups",
            form=FORM,
            children={},
            today=date(2026, 11, 20),
        )

    def write(self, op: OfficeOp, lineage: UUID) -> None:
        self.n += 1
        made = Made(wall=NOW, session=lineage)
        names = {name: getattr(op, name) for name in OfficeOp.__struct_fields__}
        whole = Op(n=self.n, by=lineage, made=made, **names)
        changes = read_changes(whole, from_device=lineage == TABLET)
        before = self.records[op.kind]
        writer = Writer(lineage, self.n, op.id, op.base, before.version + 1)
        merged = merge(before, changes, writer)
        assert not merged.conflicts
        self.records[op.kind] = merged.record

    def tablet(self, path: str, value: object) -> None:
        record = self.records["inspection"]
        op = OfficeOp(
            id=UUID(int=next(self.ids)),
            kind="inspection",
            record=record.id,
            base=record.version,
            set=raws({path: value}),
        )
        self.write(op, TABLET)

    def reviewer(self) -> Reviewer:
        return Reviewer(DESK, "陈", NOW, (UUID(int=n) for n in self.ids))

    def office(self, action: str) -> bool:
        """Try a decision over what is there; whether it was taken."""
        case = self.case()
        seen = versions(case)
        try:
            if action == "undo":
                former = self.reviews[-2] if len(self.reviews) > 1 else None
                ops = undo(
                    case, seen, self.reviewer(), former=former, former_last=None, followed=False
                )
            elif action == "accept":
                ops = decide(case, Decision(decision="accepted", seen=seen), self.reviewer())
            else:
                remarks = (ReturnRemark(text="再看"),)
                wanted = Decision(decision="returned", seen=seen, remarks=remarks)
                ops = decide(case, wanted, self.reviewer())
        except SyncError:
            return False
        for op in ops:
            self.write(op, DESK)
        self.reviews.append(msgspec.convert(self.data["review"], Review | None))
        return True

    @property
    def data(self) -> dict[str, object]:
        return dict(self.records["inspection"].data)

    @property
    def round(self) -> int:
        step = self.data.get("step")
        return int(step.get("round", 1)) if isinstance(step, dict) else 1

    @property
    def step(self) -> str:
        step = self.data.get("step")
        return str(step.get("step", "draft")) if isinstance(step, dict) else "draft"

    @property
    def is_accepted(self) -> bool:
        """Read from the record alone, without the core's own words for it."""
        review = self.data.get("review")
        return (
            isinstance(review, dict)
            and review["decision"] == "accepted"
            and review["round"] == self.round
        )


def begin() -> Work:
    data = {
        "asset": str(UUID(int=2)),
        "template": str(UUID(int=4)),
        "inspector": str(TABLET),
        "inspector_name": "梁",
    }
    return Work(
        {
            "inspection": Record("inspection", UUID(int=1), SCOPE, 1, data, {}),
            "asset": Record("asset", UUID(int=2), SCOPE, 1, {"name": "UPS"}, {}),
        }
    )


def play(work: Work, action: Step) -> bool:
    """Do one thing; whether a decision was taken. A tablet stops where work is accepted."""
    name, value = action
    if name in ("accept", "return", "undo"):
        return work.office(name)
    if work.is_accepted:
        return False
    if name == "submit":
        if value <= work.round:
            work.tablet("step", {"round": value, "step": "submitted"})
    elif name == "answer":
        work.tablet("answers.fan", {"value": "pass"})
        work.tablet("answers.temp", {"value": value})
    else:
        work.tablet("answers.temp", None)
    return False


@given(ACTIONS)
def test_a_round_never_goes_down_and_rises_only_by_a_return(actions: list[Step]) -> None:
    work = begin()
    for action in actions:
        before = work.round
        taken = play(work, action)
        rose = work.round - before
        assert rose == (1 if taken and action[0] == "return" else 0)


@given(ACTIONS)
def test_only_whole_submitted_work_is_ever_accepted(actions: list[Step]) -> None:
    work = begin()
    for action in actions:
        step, answers = work.step, work.data.get("answers")
        was_accepted = work.is_accepted
        play(work, action)
        if work.is_accepted and not was_accepted:
            assert (action[0], step) == ("accept", "submitted")
            assert isinstance(answers, dict)
            assert answers.get("temp") is not None


@given(ACTIONS)
def test_an_undo_gives_back_what_waits_for_review_and_only_once(actions: list[Step]) -> None:
    work = begin()
    for action in actions:
        taken = play(work, action)
        if taken and action[0] == "undo":
            assert (work.step, work.is_accepted) == ("submitted", False)
            assert not work.office("undo")


@given(ACTIONS)
def test_what_an_accepted_asset_says_is_what_was_accepted(actions: list[Step]) -> None:
    work = begin()
    for action in actions:
        if play(work, action) and action[0] == "accept":
            last = work.records["asset"].data["last"]
            answers = work.data["answers"]
            assert isinstance(last, dict)
            assert isinstance(answers, dict)
            kept = last["ups"]["readings"]
            assert kept["temp"]["value"] == answers["temp"]["value"]
            assert last["ups"]["inspection"] == str(UUID(int=1))


@given(ACTIONS, st.integers(-3, 3).filter(bool))
def test_a_decision_over_any_other_version_is_never_taken(actions: list[Step], off: int) -> None:
    work = begin()
    for action in actions:
        play(work, action)
    before = dict(work.records)
    case = work.case()
    moved = structs.replace(case.inspection, version=case.inspection.version + off)
    seen = versions(structs.replace(case, inspection=moved))
    for wanted in (
        Decision(decision="accepted", seen=seen),
        Decision(decision="returned", seen=seen, remarks=(ReturnRemark(text="x"),)),
    ):
        try:
            decide(case, wanted, work.reviewer())
        except SyncError as refused:
            assert refused.slug == "version-moved-on"  # noqa: PT017
        else:
            raise AssertionError("it was taken")
    assert work.records == before
