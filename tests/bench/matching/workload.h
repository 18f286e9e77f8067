// workload.h: order flow as an exchange sees it: most orders rest near the touch and are cancelled
// or replaced before they trade; some take. The middle walks; how wildly is what the workloads
// differ in. Commands mean orders that are live, but for one in a hundred that comes too late: a
// refusal costs next to nothing and would flatter the figure. Integers from a fixed seed: the same
// commands on every machine.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/random.h"
#include "matching/engine.h"

namespace zomma::bench {

struct Command {
  enum Action : std::uint8_t { submit, cancel, replace };
  matching::NewOrder order;  // cancel: id; replace: id, price, quantity
  Action action{submit};
};

struct Workload {
  std::string name;
  std::uint32_t instruments{1};
  std::size_t live{10'000};     // orders that rest, about
  std::int64_t swing_ticks{0};  // the middle goes up and down by this much
  std::int64_t step_every{0};   // commands between two ticks of the middle; 0 = it stands still
  bool crash{false};            // half way through it falls 600 ticks while everybody sells
  bool bursts{false};           // now and then most commands take what rests
};

inline std::vector<Workload> workloads() {
  return {{"static", 1, 10'000, 0, 0, false, false},
          {"normal", 1, 10'000, 8, 2000, false, false},
          {"swing 25", 1, 10'000, 25, 1000, false, true},
          {"swing 40", 1, 10'000, 40, 600, false, true},
          {"flash crash", 1, 10'000, 10, 1000, true, false},
          {"128 books", 128, 200'000, 25, 20'000, false, false}};
}

class Flow {
 public:
  Flow(const Workload& workload, std::size_t commands, std::uint64_t seed)
      : workload_(workload),
        commands_(commands),
        random_(seed),
        books_(workload.instruments),
        exchange_(workload.live * 2) {
    for (std::uint32_t id = 0; id < workload.instruments; ++id)
      if (!exchange_.add_instrument({id})) std::abort();
  }

  std::vector<Command> generate() {
    std::vector<Command> out;
    out.reserve(commands_);
    while (out.size() < commands_) {
      const auto at = static_cast<std::uint32_t>(random_.below(books_.size()));
      Book& book = books_[at];
      move(book, out.size());
      out.push_back(next(book, at, out.size()));
      follow(out.back());
    }
    return out;
  }

 private:
  // What becomes of the commands, so that the next ones know which orders still rest.
  void follow(const Command& command) {
    const matching::NewOrder& order = command.order;
    if (command.action == Command::submit) exchange_.submit(order, events_);
    if (command.action == Command::cancel) exchange_.cancel(order.id, events_);
    if (command.action == Command::replace)
      exchange_.replace(order.id, order.price, order.quantity, events_);
    events_.clear();
  }

  struct Known {  // an order that may still rest
    std::uint64_t id;
    std::int64_t price, quantity;
    Side side;
  };
  struct Book {
    std::int64_t middle = 100'000;
    std::int64_t direction = 1;
    std::int64_t offset = 0;
    std::uint64_t commands = 0;
    std::vector<Known> known;
  };

  bool crashing(std::size_t done) const {
    return workload_.crash && done > commands_ / 2 && done < commands_ / 2 + commands_ / 20;
  }

  // 300 commands in every 6000.
  bool aggressive(std::size_t done) const {
    return crashing(done) || (workload_.bursts && done % 6000 < 300);
  }

  void move(Book& book, std::size_t done) {
    ++book.commands;
    if (crashing(done)) {
      const std::uint64_t every = std::max<std::uint64_t>(commands_ / 20 / 600, 1);
      if (book.commands % every == 0) --book.middle;
      return;
    }
    const auto every = static_cast<std::uint64_t>(workload_.step_every);
    if (every == 0 || book.commands % std::max<std::uint64_t>(every / books_.size(), 1) != 0)
      return;
    if (random_.below(4) == 0) return;
    book.middle += book.direction;
    book.offset += book.direction;
    if (book.offset >= workload_.swing_ticks || book.offset <= -workload_.swing_ticks)
      book.direction = book.offset > 0 ? -1 : 1;
  }

  Command next(Book& book, std::uint32_t instrument, std::size_t done) {
    const std::uint64_t dice = random_.below(100);
    const bool full = exchange_.order_count() >= workload_.live;
    if (aggressive(done) && dice < 50) return take(book, instrument, done);
    if (dice < (full ? 36u : 75u)) return rest(book, instrument);
    if (dice < (full ? 48u : 85u)) return take(book, instrument, done);
    if (!drop_gone(book)) return rest(book, instrument);
    return dice % 4 == 0 ? replace(book) : cancel(book);
  }

  Command fresh(std::uint32_t instrument) {
    Command command;
    command.order.id = {next_id_++};
    command.order.instrument = {instrument};
    command.order.owner = {static_cast<std::uint32_t>(random_.below(64))};
    command.order.side = random_.below(2) == 0 ? Side::buy : Side::sell;
    command.order.quantity = {random_.between(1, 100)};
    return command;
  }

  // Most orders stand within a few ticks of the touch, some far behind it.
  std::int64_t behind() {
    const std::uint64_t dice = random_.below(100);
    if (dice < 70) return random_.between(1, 5);
    if (dice < 95) return random_.between(1, 20);
    return random_.between(1, 200);
  }

  Command rest(Book& book, std::uint32_t instrument) {
    Command command = fresh(instrument);
    const bool buys = command.order.side == Side::buy;
    command.order.price = {book.middle + (buys ? -behind() : behind())};
    if (random_.below(50) == 0) command.order.display_quantity = {10};
    if (random_.below(10) == 0) command.order.time_in_force = TimeInForce::day;
    command.order.post_only = random_.below(8) == 0;
    book.known.push_back({command.order.id.value, command.order.price.value,
                          command.order.quantity.value, command.order.side});
    return command;
  }

  Command take(Book& book, std::uint32_t instrument, std::size_t done) {
    Command command = fresh(instrument);
    if (crashing(done)) command.order.side = Side::sell;
    const bool buys = command.order.side == Side::buy;
    command.order.quantity = {random_.between(1, crashing(done) ? 400 : 150)};
    command.order.price = {book.middle + (buys ? 3 : -3)};
    const std::uint64_t dice = random_.below(100);
    if (dice < 70) command.order.time_in_force = TimeInForce::ioc;
    if (dice >= 90) command.order.type = OrderType::market;
    if (dice >= 70 && dice < 75) command.order.time_in_force = TimeInForce::fok;
    return command;
  }

  // Chooses `picked_`; orders that it finds gone are dropped, but for the one in a hundred. False:
  // no order is left.
  bool drop_gone(Book& book) {
    while (!book.known.empty()) {
      picked_ = pick(book);
      const std::uint64_t id = book.known[picked_].id;
      if (exchange_.find({id}) || random_.below(100) == 0) return true;
      book.known[picked_] = book.known.back();
      book.known.pop_back();
    }
    return false;
  }

  // The young ones are changed and cancelled more often than the old.
  std::size_t pick(const Book& book) {
    const std::size_t count = book.known.size();
    const std::size_t recent = std::min<std::size_t>(count, 64);
    if (random_.below(2) == 0) return count - 1 - random_.below(recent);
    return random_.below(count);
  }

  Command cancel(Book& book) {
    const std::size_t at = picked_;
    Command command;
    command.action = Command::cancel;
    command.order.id = {book.known[at].id};
    book.known[at] = book.known.back();
    book.known.pop_back();
    return command;
  }

  Command replace(Book& book) {
    Known& known = book.known[picked_];
    Command command;
    command.action = Command::replace;
    command.order.id = {known.id};
    if (random_.below(4) == 0) {  // less of the same
      known.quantity = std::max<std::int64_t>(known.quantity / 2, 1);
    } else {
      known.price = book.middle + (known.side == Side::buy ? -behind() : behind());
      command.order.price = {known.price};
    }
    command.order.quantity = {known.quantity};
    return command;
  }

  const Workload& workload_;
  std::size_t commands_;
  Random random_;
  std::vector<Book> books_;
  matching::Engine exchange_;
  matching::EventBatch events_;
  std::size_t picked_ = 0;
  std::uint64_t next_id_ = 1;
};

}  // namespace zomma::bench
