"""One synthesized template for all tests of the infrastructure."""

from typing import Any

import pytest

from tests.infrastructure.permissions.audit import all_needs
from tests.infrastructure.permissions.needs import Need
from tests.infrastructure.permissions.resolving import Resources, resolved
from tests.infrastructure.permissions.workers import Recorded, recorded_calls
from tests.infrastructure.synthesis import Template, state_machine_definition, synthesize


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker of tests that install wheels."""
    config.addinivalue_line("markers", "packages: installs wheels, so it needs the package registry")


@pytest.fixture(scope="session")
def template() -> Template:
    """Give the template as it is deployed to AWS."""
    return synthesize()


@pytest.fixture(scope="session")
def host_template() -> Template:
    """Give the template as it is deployed into the local engine."""
    return synthesize({"target": "host"})


@pytest.fixture(scope="session")
def definition(template: Template) -> dict[str, Any]:
    """Give the definition of the state machine."""
    return state_machine_definition(template)


@pytest.fixture(scope="session")
def recorded() -> Recorded:
    """Give what IAM is asked when functions and jobs do their work."""
    return recorded_calls()


@pytest.fixture(scope="session")
def resources(template: Template) -> Resources:
    """Give the template's resources with names and ARNs put in."""
    return resolved(template)


@pytest.fixture(scope="session")
def needs(resources: Resources, recorded: Recorded) -> list[Need]:
    """Give what must be allowed and denied."""
    return all_needs(resources, recorded)
