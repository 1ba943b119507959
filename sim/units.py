"""Constants with their units. Money is USD, amounts are whole tokens, rates are per year of 365 days."""

SECONDS_PER_DAY = 86_400.0
SECONDS_PER_YEAR = 365.0 * SECONDS_PER_DAY
ETH_PER_GWEI = 1e-9
FRACTION_PER_BPS = 1e-4
