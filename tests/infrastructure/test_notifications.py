"""Who is told of ended runs: the event bus of all, people of those that need them."""

from typing import Any

import pytest

from lambdas.domain.run_event import LOOK_FAILED, RUN_ENDED, SOURCE
from stacks.config import PipelineConfig
from stacks.config_values import ConfigError
from tests.infrastructure.synthesis import Template, function_of, of_type, one, readable, synthesize

EMAIL = "AWS::SNS::Subscription"


def pattern_of(template: Template) -> dict[str, Any]:
    """What the rule of the messages lets through."""
    pattern: dict[str, Any] = one(template, "AWS::Events::Rule", "RunEnded")["Properties"]["EventPattern"]
    return pattern


def test_people_are_told_of_failures_of_this_stack(template: Template) -> None:
    pattern = pattern_of(template)
    assert pattern["source"] == [SOURCE]
    assert pattern["detail-type"] == [RUN_ENDED["FAILED"], LOOK_FAILED]
    assert readable(pattern["detail"]["runs_table"][0]) == "<SalesStoreRunsTable>"
    [target] = one(template, "AWS::Events::Rule", "RunEnded")["Properties"]["Targets"]
    assert target["Arn"]["Fn::GetAtt"][0] == function_of(template, "notify")[0]


def test_addresses_get_a_subscription_each_and_may_be_told_of_every_run(template: Template) -> None:
    assert of_type(template, EMAIL) == {}
    told = synthesize({"notifyEmail": "a@example.com, b@example.com", "notifyOn": "all"})
    endpoints = {one["Properties"]["Endpoint"] for one in of_type(told, EMAIL).values()}
    assert endpoints == {"a@example.com", "b@example.com"}
    assert set(pattern_of(told)["detail-type"]) == {*RUN_ENDED.values(), LOOK_FAILED}


def test_the_accounts_alarms_may_publish(template: Template) -> None:
    [policy] = of_type(template, "AWS::SNS::TopicPolicy").values()
    statements = {s["Sid"]: s for s in policy["Properties"]["PolicyDocument"]["Statement"]}
    assert statements["Alarms"]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statements["AllowPublishThroughSSLOnly"]["Effect"] == "Deny"


def test_a_text_that_is_no_address_is_refused() -> None:
    with pytest.raises(ConfigError, match="notifyEmail is 'somebody': expected e-mail addresses"):
        PipelineConfig.from_context({"notifyEmail": "somebody"})
