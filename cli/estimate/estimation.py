"""An estimate: a load, how the stack is deployed and where, and what follows from them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from decimal import Decimal

from cli.estimate.bill import Bill, Line, total
from cli.estimate.durations import Durations
from cli.estimate.limits import AwsLimits, aws_limits
from cli.estimate.load import Load
from cli.estimate.prices import Prices, prices
from cli.estimate.rates import Assumed, Measured, assumed, measured
from cli.estimate.run_model import RunModel
from cli.estimate.settings import Place, Settings
from cli.estimate.shape import Shape, shape_of
from cli.estimate.simulation.replications import Forecast, forecast
from cli.estimate.simulation.work import Account
from lambdas.domain.stored_names import PARTS


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All numbers that an estimate rests on; from the data files unless others are given."""

    prices: Prices = field(default_factory=prices)
    limits: AwsLimits = field(default_factory=aws_limits)
    measured: Measured = field(default_factory=measured)
    assumed: Assumed = field(default_factory=assumed)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What some files cost and how long they take; the simulation runs when it is first asked for."""

    load: Load
    settings: Settings = field(default_factory=Settings)
    place: Place = field(default_factory=Place)
    facts: Facts = field(default_factory=Facts)

    @functools.cached_property
    def shape(self) -> Shape:
        """How each file's run is cut."""
        return shape_of(self.load, self.settings, self.facts.measured)

    @functools.cached_property
    def model(self) -> RunModel:
        """The calls of each run."""
        durations = Durations(
            load=self.load,
            shape=self.shape,
            measured=self.facts.measured,
            assumed=self.facts.assumed,
            limits=self.facts.limits,
        )
        return RunModel(durations=durations, settings=self.settings, place=self.place)

    @functools.cached_property
    def forecast(self) -> Forecast:
        """The simulated times."""
        stages = [calls.stage for calls in self.model.calls()]
        return forecast(stages, account_of(self.facts, self.place), runs=self.load.files)

    @functools.cached_property
    def bill(self) -> Bill:
        """The priced lines."""
        return Bill(
            durations=self.model.durations,
            settings=self.settings,
            calls=self.model.calls(),
            forecast=self.forecast,
            prices=self.facts.prices,
        )

    @functools.cached_property
    def lines(self) -> list[Line]:
        """The lines of the bill."""
        return self.bill.lines()

    @property
    def cost(self) -> Decimal:
        """What all runs cost, in dollars."""
        return total(self.lines)


def account_of(facts: Facts, place: Place) -> Account:
    """The limits of the account as the simulation takes them."""
    limits = facts.limits
    return Account(
        executions_started_per_second=limits.executions_started_per_second,
        lambda_concurrency=place.lambda_concurrency,
        ramp_environments=limits.lambda_ramp_environments,
        ramp_seconds=limits.lambda_ramp_seconds,
        environment_start_seconds=facts.assumed.environment_start_seconds,
        new_table_writes_per_second=limits.dynamodb_new_table_writes_per_second,
        most_table_writes_per_second=limits.dynamodb_table_writes_per_second,
        index_writes_per_second=PARTS * limits.dynamodb_partition_writes_per_second,
        doubling_seconds=limits.dynamodb_doubling_seconds,
        transaction_seconds=facts.assumed.transaction_seconds,
        straggler_sigma=facts.assumed.straggler_sigma,
    )
