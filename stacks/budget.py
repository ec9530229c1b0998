"""The budget: tells people when the deployment's costs of a month come near what was set."""

from aws_cdk import Tags
from aws_cdk import aws_budgets as budgets
from constructs import Construct

from stacks.config import PipelineConfig

TAG = "merchant-sales"
"""On all resources of the stack; activate it as a cost allocation tag, or the budget sees nothing."""
SHARES_PERCENT = (80, 100)


class Budget(Construct):
    """A monthly budget over what carries the stack's tag."""

    def __init__(self, scope: Construct, construct_id: str, *, config: PipelineConfig) -> None:
        super().__init__(scope, construct_id)
        people = [
            budgets.CfnBudget.SubscriberProperty(subscription_type="EMAIL", address=address)
            for address in config.notify_addresses
        ]
        budgets.CfnBudget(
            self,
            "Monthly",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=config.monthly_budget_usd, unit="USD"),
                cost_filters={"TagKeyValue": [f"user:{TAG}${config.stack_name}"]},
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN", notification_type="ACTUAL", threshold=share
                    ),
                    subscribers=people,
                )
                for share in SHARES_PERCENT
            ],
        )


def tag_all(scope: Construct, config: PipelineConfig) -> None:
    """Tag everything that can carry a tag with the stack's name."""
    Tags.of(scope).add(TAG, config.stack_name)
