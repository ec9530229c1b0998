"""What tells a person that something needs them: alarms that say what to do, and one dashboard."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.alarms import AlarmRule, Watched, alarm_rules
from stacks.dashboard import dashboard_rows


class Observability(Construct):
    """The alarms, which publish to the topic, and the dashboard."""

    def __init__(self, scope: Construct, construct_id: str, *, watched: Watched, topic: sns.ITopic) -> None:
        super().__init__(scope, construct_id)
        self.alarms = [_alarm(self, rule) for rule in alarm_rules(watched)]
        for alarm in self.alarms:
            alarm.add_alarm_action(actions.SnsAction(topic))
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=watched.config.stack_name,
            widgets=dashboard_rows(watched, self.alarms),
        )


def _alarm(scope: Construct, rule: AlarmRule) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        scope,
        rule.name,
        metric=rule.metric,
        alarm_description=rule.description,
        threshold=rule.threshold,
        evaluation_periods=rule.windows,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
