"""Which events start what, and where those go that cannot be delivered."""

from cli.deployment import WITH_LETTERS
from tests.infrastructure.synthesis import Template, function_of, of_type, one, readable, synthesize


def test_changes_of_a_key_start_the_state_machine(template: Template) -> None:
    properties = one(template, "AWS::Events::Rule", "OrderChanged")["Properties"]
    pattern = properties["EventPattern"]
    assert pattern["detail-type"] == ["Object Created", "Object Deleted"]
    assert pattern["detail"]["object"] == {"key": [{"anything-but": {"suffix": "/"}}]}
    assert readable(pattern["detail"]["bucket"]["name"][0]) == "<OrderIntakeOrdersBucket>"
    [target] = properties["Targets"]
    assert readable(target["Arn"]) == "<SalesRunStateMachine>"
    assert target["InputTransformer"] == {
        "InputPathsMap": {"detail-object-key": "$.detail.object.key"},
        "InputTemplate": '{"key":<detail-object-key>,"replay":false}',
    }


def test_broken_executions_call_fail_run(template: Template) -> None:
    properties = one(template, "AWS::Events::Rule", "ExecutionBroke")["Properties"]
    assert properties["EventPattern"]["source"] == ["aws.states"]
    assert properties["EventPattern"]["detail"]["status"] == ["FAILED", "TIMED_OUT", "ABORTED"]
    [machine] = properties["EventPattern"]["detail"]["stateMachineArn"]
    assert readable(machine) == "<SalesRunStateMachine>"
    [target] = properties["Targets"]
    assert target["Arn"]["Fn::GetAtt"][0] == function_of(template, "fail_run")[0]
    assert "InputTransformer" not in target


def test_what_cannot_be_delivered_is_tried_for_a_day_then_queued(template: Template) -> None:
    for rule in of_type(template, "AWS::Events::Rule").values():
        [target] = rule["Properties"]["Targets"]
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
        assert readable(target["DeadLetterConfig"]["Arn"]) == "<OrderIntakeDeadLetterQueue>"
    for config in of_type(template, "AWS::Lambda::EventInvokeConfig").values():
        destination = config["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]
        assert readable(destination) == "<OrderIntakeDeadLetterQueue>"


def test_the_command_puts_back_the_letters_of_these_functions(template: Template) -> None:
    configs = of_type(template, "AWS::Lambda::EventInvokeConfig").values()
    functions = {readable(config["Properties"]["FunctionName"])[1:-1] for config in configs}
    assert functions == set(WITH_LETTERS)


def test_the_sweep_is_due_four_times_a_day_unless_it_is_switched_off(template: Template) -> None:
    properties = one(template, "AWS::Events::Rule", "SweepDue")["Properties"]
    assert properties["ScheduleExpression"] == "rate(6 hours)"
    assert properties["Targets"][0]["Arn"]["Fn::GetAtt"][0] == function_of(template, "sweep")[0]
    often = synthesize({"sweepHours": "6"})
    assert one(often, "AWS::Events::Rule", "SweepDue")["Properties"]["ScheduleExpression"] == "rate(6 hours)"
    never = of_type(synthesize({"sweepHours": "0"}), "AWS::Events::Rule")
    assert not [name for name in never if "SweepDue" in name]
