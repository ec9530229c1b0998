"""How an AWS client talks to a running engine: endpoint, region and credentials."""

from dataclasses import dataclass
from typing import Any

REGION = "us-east-1"
ACCESS_KEY = "test"


def environment(endpoint: str) -> dict[str, str]:
    """The environment variables with which any AWS client talks to the engine."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@dataclass(frozen=True)
class EngineSession:
    """Makes boto3 clients and resources of the engine, as a boto3 session does of AWS."""

    endpoint: str
    region_name: str = REGION

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client; the options are boto3's."""
        return self._session().client(service, **self._defaults(), **options)

    def resource(self, service: str, **options: Any) -> Any:
        """A boto3 resource; the options are boto3's."""
        return self._session().resource(service, **self._defaults(), **options)

    def _session(self) -> Any:
        import boto3

        return boto3.Session(
            aws_access_key_id=ACCESS_KEY, aws_secret_access_key=ACCESS_KEY, region_name=self.region_name
        )

    def _defaults(self) -> dict[str, Any]:
        return {"endpoint_url": self.endpoint}
