"""How long a function's processors take for measured processor seconds."""

from __future__ import annotations

from dataclasses import dataclass

from lambdas.adapters.settings import MB_PER_PROCESSOR


@dataclass(frozen=True, kw_only=True)
class Processor:
    """The processors of a function or job; `factor` is how much slower they are than the measured one."""

    vcpus: float
    factor: float

    @classmethod
    def of_function(cls, memory_mb: int, factor: float) -> Processor:
        """The processors that Lambda gives a function for its memory."""
        return cls(vcpus=memory_mb / MB_PER_PROCESSOR, factor=factor)

    def alone(self, cpu_seconds: float) -> float:
        """Seconds of work that only one thread can do."""
        return cpu_seconds * self.factor / min(1.0, self.vcpus)

    def together(self, cpu_seconds: float) -> float:
        """Seconds of work that DuckDB spreads over its threads: as many as whole processors, at least one."""
        return cpu_seconds * self.factor / min(self.vcpus, max(1, round(self.vcpus)))
