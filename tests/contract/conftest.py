"""What the contract tests share: the whole application, as the integration tests have it."""

from tests.integration.conftest import house as house
