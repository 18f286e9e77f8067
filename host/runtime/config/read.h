// read.h: the schema's parts, each read by one function from the file's root. Instruments first:
// the others name them.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "runtime/config/section.h"

namespace zomma {

void read_run(Section& root, Config& config);
void read_journal(Section& root, Config& config);
void read_reload(Section& root, Config& config);
void read_bus(Section& root, Config& config);
void read_metrics(Section& root, Config& config);
void read_admin(Section& root, Config& config);
void read_report(Section& root, Config& config);
void read_terminal(Section& root, Config& config);
void read_gpu(Section& root, Config& config);

void read_chain_settings(Section& root, Config& config);
void read_clearing(Section& root, Config& config);
void read_instruments(Section& root, Config& config);
void read_feeds(Section& root, Config& config);

void read_gateway(Section& root, Config& config);
// Adds the [plugin.NAME] tables of one file.
void read_plugins(Section& root, Config& config);
void read_risk(Section& root, Config& config);

// [plugin.NAME.gpu], and the keys of [plugin.NAME.process] that limit what a worker may use.
void read_loan_limits(Section& plugin, gpu::LoanLimits& limits);
void read_worker_limits(Section& table, ProcessConfig& process);

// A name that may stand in a file name, a label and a key: letters, digits, '_', '-', '.'; at
// most 64.
bool read_name(Section& section, std::string_view key, std::string& out,
               Need need = Need::optional);
bool is_name(std::string_view text);

// The instrument called `symbol`; complains at `at` under `key` and gives an invalid id when there
// is none.
InstrumentId instrument_named(const Section& section, std::string_view key, TextPosition at,
                              const std::string& symbol, const Config& config);

// Complains about each of `keys` that is there though `reason` ('source is "file"') leaves it
// without meaning.
void refuse_keys(Section& section, std::initializer_list<std::string_view> keys,
                 const std::string& reason);
// Lets `keys` be there unread, where an earlier error leaves open what they should be.
void accept_keys(Section& section, std::initializer_list<std::string_view> keys);

}  // namespace zomma
