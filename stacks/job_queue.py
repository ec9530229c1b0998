"""Where jobs run: a queue onto Fargate in a network of its own. All of it costs nothing while no job runs."""

from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from stacks.config import PipelineConfig

JOBS_AT_ONCE = 16
HTTPS = ec2.Port.tcp(443)


class JobQueue(Construct):
    """The network, the compute environment and the queue."""

    def __init__(self, scope: Construct, construct_id: str, *, config: PipelineConfig) -> None:
        super().__init__(scope, construct_id)
        self.vpc = _network(self)
        self.queue = batch.JobQueue(self, "Queue")
        self.queue.add_compute_environment(
            batch.FargateComputeEnvironment(
                self,
                "Fargate",
                vpc=self.vpc,
                vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
                security_groups=[_https_out_only(self, self.vpc)],
                spot=config.batch_spot,
                maxv_cpus=JOBS_AT_ONCE * config.batch_vcpus,
            ),
            1,
        )


def _network(scope: Construct) -> ec2.Vpc:
    """Build public subnets without a NAT gateway: jobs get an address, and reach S3 and DynamoDB directly."""
    return ec2.Vpc(
        scope,
        "Network",
        max_azs=2,
        nat_gateways=0,
        restrict_default_security_group=False,  # it would bring a function along; nothing is in that group
        subnet_configuration=[ec2.SubnetConfiguration(name="Jobs", subnet_type=ec2.SubnetType.PUBLIC)],
        gateway_endpoints={
            "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3),
            "DynamoDb": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.DYNAMODB),
        },
    )


def _https_out_only(scope: Construct, vpc: ec2.Vpc) -> ec2.SecurityGroup:
    group = ec2.SecurityGroup(
        scope,
        "HttpsOut",
        vpc=vpc,
        allow_all_outbound=False,
        description="Jobs: nobody calls them, and they call AWS and the image registry",
    )
    group.add_egress_rule(ec2.Peer.any_ipv4(), HTTPS, "S3, DynamoDB, logs, images")
    return group
