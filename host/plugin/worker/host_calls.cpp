#include "plugin/worker/host_calls.h"

#include <algorithm>
#include <string>

#include "plugin/worker/chain_wire.h"

namespace zomma::worker {
namespace {

constexpr const char* wrong_length = "a call of the wrong length";
constexpr const char* no_table = "a call to an extension that the host does not offer";
constexpr std::uint32_t most_levels = 256;
constexpr std::uint32_t most_lots = 1024;  // and days of an agenda

std::size_t put_text(std::byte* to, const char* text) {
  const std::string_view value = text == nullptr ? "" : text;
  const auto length = static_cast<std::uint32_t>(std::min<std::size_t>(value.size(), 4096));
  std::memcpy(to, &length, sizeof length);
  if (length != 0) std::memcpy(to + sizeof length, value.data(), length);
  return sizeof length + length;
}

}  // namespace

HostCalls::HostCalls() : buffer_(area_size), results_(area_size / sizeof(zm_intent)) {}

void HostCalls::bind(const zm_host* host) {
  host_ = host;
  const auto fetch = [&](auto*& table, const char* id) {
    table = host == nullptr
                ? nullptr
                : static_cast<std::remove_reference_t<decltype(table)>>(host->get_ext(host, id));
  };
  fetch(orders_, ZM_EXT_ORDERS);
  fetch(market_, ZM_EXT_MARKET);
  fetch(portfolio_, ZM_EXT_PORTFOLIO);
  fetch(chain_, ZM_EXT_CHAIN);
  fetch(options_, ZM_EXT_OPTIONS);
  fetch(agenda_, ZM_EXT_AGENDA);
  fetch(timer_, ZM_EXT_TIMER);
  fetch(metrics_, ZM_EXT_METRICS);
  fetch(log_, ZM_EXT_LOG);
  fetch(health_, ZM_EXT_HEALTH);
  fetch(buffers_, ZM_EXT_BUFFERS);
  fetch(shared_buffers_, shared_buffers_id);
}

void HostCalls::answer(std::uint32_t number, std::span<const std::byte> body) {
  number_ = number;
  answer_ = body;
}

const char* HostCalls::apply_notes(std::span<const std::byte> notes) {
  Cursor all(notes);
  while (!all.done()) {
    const auto header = all.get<NoteHeader>();
    const auto bytes = all.take(padded(header.size));
    if (!all.ok()) return "a note that is longer than the message";
    if (const char* wrong = apply(header.kind, bytes.first(header.size)); wrong != nullptr)
      return wrong;
  }
  return nullptr;
}

const char* HostCalls::apply(Note kind, std::span<const std::byte> bytes) {
  Cursor fields(bytes);
  switch (kind) {
    case Note::set_error: {
      if (host_ != nullptr) host_->set_error(host_, Cursor::as_text(bytes).data(), bytes.size());
      return nullptr;
    }
    case Note::cancel_timer: {
      const auto id = fields.get<std::uint64_t>();
      if (!fields.done()) return wrong_length;
      if (timer_ == nullptr) return no_table;
      timer_->cancel(host_, id);
      return nullptr;
    }
    case Note::metric_add:
    case Note::metric_set:
    case Note::signal: {
      const auto handle = fields.get<std::uint32_t>();
      const auto instrument = fields.get<std::uint32_t>();
      const auto value = fields.get<double>();
      if (!fields.done()) return wrong_length;
      if (metrics_ == nullptr) return no_table;
      if (kind == Note::signal)
        metrics_->signal(host_, handle, instrument, value);
      else
        (kind == Note::metric_add ? metrics_->add : metrics_->set)(host_, handle, value);
      return nullptr;
    }
    case Note::log: {
      const auto level = fields.get<std::uint32_t>();
      if (!fields.ok()) return wrong_length;
      if (log_ == nullptr) return no_table;
      const auto text = Cursor::as_text(fields.rest());
      log_->write(host_, level, text.data() == nullptr ? "" : text.data(), text.size());
      return nullptr;
    }
    case Note::health: {
      const auto level = fields.get<std::uint32_t>();
      const auto code = fields.get<std::uint32_t>();
      if (!fields.ok()) return wrong_length;
      if (health_ == nullptr) return no_table;
      const auto text = Cursor::as_text(fields.rest());
      health_->report(host_, level, code, text.data(), text.size());
      return nullptr;
    }
  }
  return "a note of an unknown kind";
}

const char* HostCalls::serve(Call call, std::span<const std::byte> body) {
  answer(ZM_OK);
  if (call == Call::flush) return nullptr;
  if (host_ == nullptr) return "a call before there is an instance";
  Cursor fields(body);
  switch (call) {
    case Call::get_ext: {
      const std::string id(Cursor::as_text(body));
      answer(host_->get_ext(host_, id.c_str()) != nullptr ? 1 : 0);
      return nullptr;
    }
    case Call::submit:
      return submit(body);
    case Call::cancel_all: {
      const auto instrument = fields.get<std::uint32_t>();
      if (!fields.done()) return wrong_length;
      if (orders_ == nullptr) return no_table;
      answer(orders_->cancel_all(host_, instrument));
      return nullptr;
    }
    case Call::instrument_count:
    case Call::instrument:
    case Call::find:
    case Call::best:
    case Call::levels:
      return serve_market(call, fields);
    case Call::position:
    case Call::account:
    case Call::open_orders:
      return serve_portfolio(call, fields);
    case Call::chain:
    case Call::surface_vol:
      return serve_chain(call, fields);
    case Call::instruct:
    case Call::margin:
    case Call::lots:
    case Call::upcoming:
      return serve_options(call, fields);
    case Call::arm: {
      const auto at = fields.get<std::int64_t>();
      const auto cookie = fields.get<std::uint64_t>();
      if (!fields.done()) return wrong_length;
      if (timer_ == nullptr) return no_table;
      std::uint64_t id = 0;
      const zm_status status = timer_->arm(host_, at, cookie, &id);
      std::memcpy(buffer_.data(), &id, sizeof id);
      answer(status, status == ZM_OK ? std::span<const std::byte>(buffer_).first(sizeof id)
                                     : std::span<const std::byte>{});
      return nullptr;
    }
    case Call::declare: {
      const auto kind = fields.get<std::uint32_t>();
      const std::string name(fields.text()), unit(fields.text());
      if (!fields.done()) return wrong_length;
      if (metrics_ == nullptr) return no_table;
      std::uint32_t handle = 0;
      const zm_status status = metrics_->declare(host_, name.c_str(), unit.c_str(), kind, &handle);
      std::memcpy(buffer_.data(), &handle, sizeof handle);
      answer(status, status == ZM_OK ? std::span<const std::byte>(buffer_).first(sizeof handle)
                                     : std::span<const std::byte>{});
      return nullptr;
    }
    case Call::adopt:
    case Call::restored:
      return serve_buffers(call, fields);
    case Call::write:
    case Call::read:
      return serve_stream(call, fields);
    case Call::result:
    case Call::flush:
      break;
  }
  return "a call of an unknown kind";
}

// `body` is a private copy, aligned to eight bytes.
const char* HostCalls::submit(std::span<const std::byte> body) {
  if (orders_ == nullptr) return no_table;
  if (body.size() < sizeof(zm_intent)) return wrong_length;
  const auto* intents = reinterpret_cast<const zm_intent*>(body.data());
  const std::size_t stride = intents->size;
  if (stride < sizeof(zm_intent) || stride % 8 != 0 || body.size() % stride != 0)
    return "intents of an impossible size";
  const std::size_t count = body.size() / stride;
  const zm_status status =
      orders_->submit(host_, intents, static_cast<std::uint32_t>(count), results_.data());
  answer(status, std::as_bytes(std::span(results_).first(count)));
  return nullptr;
}

const char* HostCalls::serve_market(Call call, Cursor fields) {
  if (market_ == nullptr) return no_table;
  if (call == Call::instrument_count) {
    answer(market_->instrument_count(host_));
    return nullptr;
  }
  if (call == Call::find) {
    const std::string symbol(Cursor::as_text(fields.rest()));
    answer(market_->find(host_, symbol.c_str()));
    return nullptr;
  }
  const auto id = fields.get<std::uint32_t>();
  const auto side = call == Call::levels ? fields.get<std::uint32_t>() : 0;
  const auto capacity = call == Call::levels ? fields.get<std::uint32_t>() : 0;
  if (!fields.done()) return wrong_length;
  if (call == Call::best) {
    zm_quote quote{};
    const zm_status status = market_->best(host_, id, &quote);
    std::memcpy(buffer_.data(), &quote, sizeof quote);
    answer(status, std::span<const std::byte>(buffer_).first(status == ZM_OK ? sizeof quote : 0));
  } else if (call == Call::levels) {
    std::array<zm_price_level, most_levels> levels;
    const std::uint32_t count =
        market_->levels(host_, id, side, levels.data(), std::min(capacity, most_levels));
    std::memcpy(buffer_.data(), levels.data(), count * sizeof levels[0]);
    answer(count, std::span<const std::byte>(buffer_).first(count * sizeof levels[0]));
  } else {
    zm_instrument info{};
    info.size = sizeof info;
    const zm_status status = market_->instrument(host_, id, &info);
    if (status != ZM_OK) return answer(status), nullptr;
    std::size_t size = sizeof info;
    for (const char* text : {info.symbol, info.venue, info.currency})
      size += put_text(buffer_.data() + size, text);
    info.symbol = info.venue = info.currency = nullptr;
    std::memcpy(buffer_.data(), &info, sizeof info);
    answer(status, std::span<const std::byte>(buffer_).first(size));
  }
  return nullptr;
}

const char* HostCalls::serve_portfolio(Call call, Cursor fields) {
  if (portfolio_ == nullptr) return no_table;
  zm_status status = ZM_OK;
  std::size_t size = 0;
  if (call == Call::position) {
    const auto id = fields.get<std::uint32_t>();
    if (!fields.done()) return wrong_length;
    zm_position position{};
    status = portfolio_->position(host_, id, &position);
    std::memcpy(buffer_.data(), &position, size = sizeof position);
  } else if (call == Call::account) {
    zm_account account{};
    status = portfolio_->account(host_, &account);
    std::memcpy(buffer_.data(), &account, size = sizeof account);
  } else {
    const auto first = fields.get<std::uint32_t>();
    const auto capacity = fields.get<std::uint32_t>();
    if (!fields.done()) return wrong_length;
    const std::uint32_t all = portfolio_->open_orders(host_, nullptr, 0);
    const std::size_t some =
        first >= all
            ? 0
            : std::min<std::size_t>({all - first, capacity, area_size / sizeof(zm_open_order)});
    if (some != 0) {
      open_.resize(std::max<std::size_t>(open_.size(), first + some));
      portfolio_->open_orders(host_, open_.data(), static_cast<std::uint32_t>(first + some));
      std::memcpy(buffer_.data(), open_.data() + first, some * sizeof(zm_open_order));
    }
    answer(all, std::span<const std::byte>(buffer_).first(some * sizeof(zm_open_order)));
    return nullptr;
  }
  answer(status, std::span<const std::byte>(buffer_).first(status == ZM_OK ? size : 0));
  return nullptr;
}

const char* HostCalls::serve_chain(Call call, Cursor fields) {
  if (chain_ == nullptr) return no_table;
  const auto underlying = fields.get<std::uint32_t>();
  const auto offset = fields.get<std::uint32_t>();
  if (!fields.ok()) return wrong_length;
  if (call == Call::chain) {
    if (!fields.done()) return wrong_length;
    if (offset == 0) {
      zm_chain view{};
      view.size = sizeof view;
      packed_.clear();
      const zm_status status = chain_->get(host_, underlying, &view);
      if (status != ZM_OK) return answer(status), nullptr;
      pack(view, packed_);
    }
    if (offset > packed_.size()) return "a chain read beyond its end";
    const std::uint64_t length = packed_.size();
    const std::size_t some = std::min(packed_.size() - offset, buffer_.size() - sizeof length);
    std::memcpy(buffer_.data(), &length, sizeof length);
    if (some != 0) std::memcpy(buffer_.data() + sizeof length, packed_.data() + offset, some);
    answer(ZM_OK, std::span<const std::byte>(buffer_).first(sizeof length + some));
    return nullptr;
  }
  const auto bytes = fields.rest();  // aligned to eight: a private copy after two words
  if (bytes.size() % (2 * sizeof(double)) != 0) return wrong_length;
  const std::size_t count = bytes.size() / (2 * sizeof(double));
  const auto* strike = reinterpret_cast<const double*>(bytes.data());
  std::vector<double> vols(count);
  const zm_status status = chain_->surface_vol(host_, underlying, static_cast<std::uint32_t>(count),
                                               strike, strike + count, vols.data());
  std::copy_n(std::as_bytes(std::span(vols)).data(), count * sizeof(double), buffer_.data());
  answer(status,
         std::span<const std::byte>(buffer_).first(status == ZM_OK ? count * sizeof(double) : 0));
  return nullptr;
}

const char* HostCalls::serve_options(Call call, Cursor fields) {
  if (options_ == nullptr || agenda_ == nullptr) return no_table;
  const auto instrument = fields.get<std::uint32_t>();
  const auto number = fields.get<std::uint32_t>();
  const bool wide = call == Call::instruct || call == Call::margin;
  const auto quantity = wide ? fields.get<zm_quantity>() : 0;
  const auto price = call == Call::margin ? fields.get<zm_price>() : 0;
  if (!fields.done()) return wrong_length;
  const auto give = [&](std::uint32_t result, const void* data, std::size_t size) {
    if (size != 0) std::memcpy(buffer_.data(), data, size);
    answer(result, std::span<const std::byte>(buffer_).first(size));
  };
  if (call == Call::instruct) {
    answer(number == 0 ? options_->exercise(host_, instrument, quantity)
                       : options_->decline(host_, instrument, quantity != 0 ? 1 : 0));
  } else if (call == Call::margin) {
    zm_margin margin{};
    margin.size = sizeof margin;
    const zm_status status =
        number == 0 ? options_->margin(host_, &margin)
                    : options_->margin_with(host_, instrument, quantity, price, &margin);
    give(status, &margin, status == ZM_OK ? sizeof margin : 0);
  } else if (call == Call::lots) {
    std::vector<zm_tax_lot> lots(std::min(number, most_lots));
    const auto capacity = static_cast<std::uint32_t>(lots.size());
    const std::uint32_t there = options_->lots(host_, instrument, lots.data(), capacity);
    give(there, lots.data(), std::min(there, capacity) * sizeof lots[0]);
  } else {
    std::vector<zm_agenda_entry> entries(std::min(number, most_lots));
    const auto capacity = static_cast<std::uint32_t>(entries.size());
    const std::uint32_t there = agenda_->upcoming(host_, instrument, entries.data(), capacity);
    give(there, entries.data(), std::min(there, capacity) * sizeof entries[0]);
  }
  return nullptr;
}

const char* HostCalls::serve_buffers(Call call, Cursor fields) {
  if (buffers_ == nullptr || shared_buffers_ == nullptr) return no_table;
  const auto bytes = call == Call::adopt ? fields.get<std::uint64_t>() : 0;
  const std::string name(fields.text());
  if (!fields.done()) return wrong_length;
  if (call == Call::restored) {
    answer(buffers_->restored(host_, name.c_str()));
    return nullptr;
  }
  std::int32_t file = -1;
  const zm_status status = shared_buffers_->adopt(host_, name.c_str(), bytes, &file);
  std::memcpy(buffer_.data(), &file, sizeof file);
  answer(status, std::span<const std::byte>(buffer_).first(status == ZM_OK ? sizeof file : 0));
  return nullptr;
}

const char* HostCalls::serve_stream(Call call, Cursor fields) {
  if (call == Call::write) {
    if (out_ == nullptr) return "state written outside of a save";
    const auto bytes = fields.rest();
    const std::int64_t taken = out_->write(out_, bytes.data(), bytes.size());
    std::memcpy(buffer_.data(), &taken, sizeof taken);
    answer(ZM_OK, std::span<const std::byte>(buffer_).first(sizeof taken));
    return nullptr;
  }
  const auto wanted = fields.get<std::uint64_t>();
  if (!fields.done()) return wrong_length;
  if (in_ == nullptr) return "state read outside of a load";
  const std::uint64_t most = std::min<std::uint64_t>(wanted, buffer_.size());
  const std::int64_t given = in_->read(in_, buffer_.data(), most);
  if (given < 0 || static_cast<std::uint64_t>(given) > most) return answer(1), nullptr;
  answer(ZM_OK, std::span<const std::byte>(buffer_).first(static_cast<std::size_t>(given)));
  return nullptr;
}

}  // namespace zomma::worker
