"""The CDK app: `cdk synth` and `cdk deploy` run this file."""

import sys
from pathlib import Path

import aws_cdk as cdk
from jsii.errors import JSIIError

from lambdas.domain.errors import OrderFormatError
from lambdas.domain.order_format import load_order_formats
from stacks.config import PipelineConfig
from stacks.config_values import ConfigError
from stacks.merchant_sales_stack import MerchantSalesStack
from stacks.packaging import PackagingError, packaging_error_in

ROOT = Path(__file__).parent


def synthesize() -> None:
    """Check the settings and the order formats, then write the template and its assets."""
    app = cdk.App()
    config = PipelineConfig.from_context(app.node.get_all_context())
    load_order_formats(ROOT / "formats")
    MerchantSalesStack(app, config.stack_name, config=config, root=ROOT)
    app.synth()


def main() -> int:
    """Synthesize; a mistake that the reader can mend ends as one sentence on stderr and exit code 1."""
    try:
        synthesize()
    except (ConfigError, OrderFormatError, PackagingError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except (JSIIError, RuntimeError) as error:
        sentence = packaging_error_in(str(error))
        if sentence is None:
            raise
        sys.stderr.write(f"{sentence}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
