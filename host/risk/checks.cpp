#include "risk/checks.h"

namespace zomma {

const std::array<CheckInfo, check_count>& check_table() {
  using U = CheckUnit;
  static constexpr std::array<CheckInfo, check_count> table{{
      {Check::kill, ZM_REASON_KILL, "KILL", "R01", "KILL_SWITCH level={found} id={limit}", U::count,
       ""},
      {Check::gateway, ZM_REASON_GATEWAY_DOWN, "GWDOWN", "R40", "GATEWAY_NOT_READY", U::none, ""},
      {Check::instrument, ZM_REASON_UNKNOWN_INSTRUMENT, "UNKNOWN", "R05",
       "INSTRUMENT_NOT_PERMITTED {found}", U::count, "instruments"},
      {Check::market_state, ZM_REASON_MARKET_STATE, "MKTSTATE", "R03", "MARKET_STATE state={found}",
       U::count, ""},
      {Check::restricted, risk_restricted, "RESTRICT", "R04", "RESTRICTED side={found}", U::count,
       ""},
      {Check::time_in_force, ZM_REASON_TIME_IN_FORCE, "TIF", "R44", "TIME_IN_FORCE {found}",
       U::count, ""},
      {Check::quantity, ZM_REASON_MIN_MAX_QUANTITY, "MAXQTY", "R06", "ORDER_QTY {found} > {limit}",
       U::quantity, "min_quantity, max_quantity"},
      {Check::lot, ZM_REASON_LOT, "LOT", "R07", "QTY_NOT_LOT {found}%{limit}", U::quantity,
       "instrument.lot"},
      {Check::tick, ZM_REASON_TICK, "TICK", "R08", "PRICE_NOT_TICK {found}%{limit}", U::price,
       "instrument.tick"},
      {Check::order_notional, ZM_REASON_MAX_NOTIONAL, "MAXNTL", "R09",
       "ORDER_NOTIONAL {found} > {limit}", U::money, "max_order_notional"},
      {Check::stale_reference, ZM_REASON_STALE_REFERENCE, "STALE", "R13",
       "STALE_REF age={found} > {limit}", U::duration, "max_reference_age"},
      {Check::collar, ZM_REASON_PRICE_COLLAR, "COLLAR", "R10", "PRICE_COLLAR {found} limit={limit}",
       U::price, "collar_bps, collar_ticks"},
      {Check::price_band, risk_price_band, "LULD", "R11", "LULD {found} band={limit}", U::price,
       ""},
      {Check::share_of_volume, risk_share_of_volume, "ADV", "R12", "PCT_ADV {found} > {limit}",
       U::quantity, "max_volume_bps"},
      {Check::duplicate, ZM_REASON_DUPLICATE, "DUP", "R29",
       "DUPLICATE_ORDER of={found} within {limit} ns", U::count, "duplicate_window"},
      {Check::self_trade, ZM_REASON_SELF_TRADE, "STP", "R30", "SELF_TRADE {found} vs={limit}",
       U::price, "self_trade"},
      {Check::reduce_only, ZM_REASON_REDUCE_ONLY, "REDUCE", "R02",
       "REDUCE_ONLY pos={limit} worst={found}", U::quantity, ""},
      {Check::position, ZM_REASON_POSITION, "MAXPOS", "R14", "POSITION {found} > {limit}",
       U::quantity, "max_position"},
      {Check::locate, risk_locate, "LOCATE", "R34", "NO_LOCATE short={found}", U::quantity, ""},
      {Check::short_sale_price, risk_short_sale_price, "SSR", "R35", "SSR px={found} nbb={limit}",
       U::price, ""},
      {Check::gross_notional, ZM_REASON_GROSS_NOTIONAL, "GROSS", "R15",
       "GROSS_NOTIONAL {found} > {limit}", U::money, "max_gross_notional"},
      {Check::net_notional, risk_net_notional, "NET", "R16", "NET_NOTIONAL {found} > {limit}",
       U::money, "max_net_notional"},
      {Check::delta, risk_delta, "DELTA", "R18", "DELTA {found} > {limit}", U::decimal,
       "max_delta"},
      {Check::gamma, risk_gamma, "GAMMA", "R19", "GAMMA {found} > {limit}", U::decimal,
       "max_gamma"},
      {Check::vega, risk_vega, "VEGA", "R20", "VEGA {found} > {limit}", U::decimal, "max_vega"},
      {Check::cash, risk_cash, "CASH", "R25", "INSUFFICIENT_CASH {found} > {limit}", U::money,
       "cash_account"},
      {Check::margin, risk_margin, "MARGIN", "R22", "BUYING_POWER need={found} have={limit}",
       U::money, "clearing.margin"},
      {Check::concentration, risk_concentration, "CONC", "R17", "CONCENTRATION {found} > {limit}",
       U::bps, "max_underlying_bps"},
      {Check::daily_loss, ZM_REASON_DAILY_LOSS, "LOSS", "R32", "DAILY_LOSS {found} >= {limit}",
       U::money, "max_daily_loss"},
      {Check::drawdown, ZM_REASON_DRAWDOWN, "DD", "R33", "DRAWDOWN {found} >= {limit}", U::money,
       "max_drawdown"},
      {Check::open_orders, ZM_REASON_OPEN_ORDERS, "MAXOPEN", "R31",
       "OPEN_ORDERS {found} >= {limit}", U::count, "max_open_orders"},
      {Check::rate, ZM_REASON_RATE, "RATE", "R26", "RATE_LIMIT {limit}/s", U::count,
       "max_orders_per_second, order_burst"},
  }};
  return table;
}

const CheckInfo& info(Check check) { return check_table()[static_cast<std::size_t>(check)]; }

const CheckInfo* check_of_code(std::uint32_t code) {
  for (const CheckInfo& entry : check_table())
    if (entry.code == code) return &entry;
  return nullptr;
}

}  // namespace zomma
