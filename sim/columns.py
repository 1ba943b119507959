"""Names of what the recorder writes down each slot, in the order of its columns."""

from sim.transaction import MOST_COINS

BLOCK_COLUMNS = (
    "block seconds base_fee_gwei demand_multiple gas_used background_gas n_submitted n_executed "
    "n_reverted n_expired n_waiting n_refused fees_burned_eth tips_paid_eth"
).split()
PRICE_COLUMNS = (
    "fundamental_price_usd market_price_usd permanent_impact transient_impact depth_multiple"
).split()
COHORT_COLUMNS = (
    "nav_usd nav_protocol_usd debt_usd collateral_usd volume_usd debt_repaid_usd deficit_usd min_health "
    "n_triggers n_submitted n_executed n_reverted n_expired n_liquidated n_at_risk "
    "n_bids n_wins n_losses n_no_profit n_no_cash alive_fraction risk_p05 risk_p50 risk_p95 n_no_gas_money"
).split()
POOL_COLUMNS = ["reserve0", "reserve1", "lp_supply"]
POOL_COLUMNS += [f"reserve{k}" for k in range(2, MOST_COINS)]  # 0 where a pool has fewer coins
RESERVE_COLUMNS = (
    "supplied borrowed cash deficit treasury residual treasury_nav_usd treasury_nav_protocol_usd "
    "supply_rate_per_year borrow_rate_per_year"
).split()
REDEMPTION_COLUMNS = "reserve issued fees payable rate wait_seconds".split()
SHARE_VAULT_COLUMNS = (  # whole tokens of the asset; sums since birth; a share in assets, by the books
    "share_price total_assets idle liquid deposited withdrawn socialised_loss unbooked_loss "
    "deficit_behind first_mover_gain_fraction rumour_fraction yield_per_year n_in_line in_line_shares "
    "in_line_usd"
).split()
VAULT_COLUMNS = (  # of a vault after a transaction of its own or a liquidation
    "block account nav_usd nav_protocol_usd collateral_usd debt_usd health risky_amount "
    "cash_amount birth_nav_usd"
).split()
