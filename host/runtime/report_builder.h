#pragma once
#include <optional>
#include "runtime/session.h"
namespace zomma {
struct LiveAnalysis : EngineObserver { explicit LiveAnalysis(const Config&) {} };
struct RunFacts {};
inline RunFacts facts_of(const Session&, const SessionOutcome*) { return {}; }
struct WrittenReport { std::string text, directory; };
inline Result<WrittenReport> report_from_journal(const std::string&, const std::string&, const std::string&, RunFacts) { return WrittenReport{}; }
inline Result<WrittenReport> report_from_analysis(const Config&, const LiveAnalysis&, const std::string&, RunFacts) { return WrittenReport{}; }
}
