"""What a scenario file may say: every table, key, default and bound."""

from scenarios.schema.assemble import build_scenario
from scenarios.schema.scenario import Scenario

__all__ = ["Scenario", "build_scenario"]
