"""The protocol's model holds in every state, and would not if the protocol were otherwise."""

import pytest

from tools.model import QUICK, Model, check, find_or_install, mutants
from tools.once import UnableError

MUTANTS = list(mutants())
MUTANTS_MIN = 40


@pytest.fixture(scope="session")
def programs() -> tuple[str, str]:
    """Spin and a C compiler; a machine that has none and can get none fails here, in one line."""
    try:
        return find_or_install()
    except UnableError as reason:
        pytest.fail(str(reason), pytrace=False)


@pytest.mark.full
@pytest.mark.parametrize("model", QUICK, ids=str)
def test_no_order_of_events_breaks_a_promise(model: Model, programs: tuple[str, str]) -> None:
    result = check(model, programs=programs)
    assert result.wrong is None
    assert result.states > 1_000


@pytest.mark.full
@pytest.mark.parametrize(("model", "bug"), MUTANTS, ids=[bug for _, bug in MUTANTS])
def test_a_protocol_with_this_bug_is_caught(
    model: Model, bug: str, programs: tuple[str, str]
) -> None:
    assert check(model, f"-D{bug}", programs=programs).wrong is not None


def test_every_model_has_bugs_that_it_must_catch() -> None:
    assert {model.name for model, _ in MUTANTS} == {model.name for model in QUICK}
    assert len(MUTANTS) >= MUTANTS_MIN
