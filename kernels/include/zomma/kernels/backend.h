// backend.h: where a batch runs. The CPU backend cuts it into chunks and hands them to a pool of
// threads.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace zomma::kernels {

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view name() const = 0;  // "cpu", "cuda"
  virtual unsigned width() const = 0;         // how many chunks run at once

  // Calls body(begin, end) over [0, count) in chunks of at most `grain`, each exactly once, from
  // several threads; returns when all are done. Chunk borders depend on `grain` alone, so results
  // do not depend on the number of threads. The body must not throw.
  virtual void for_chunks(std::size_t count, std::size_t grain,
                          const std::function<void(std::size_t begin, std::size_t end)>& body) = 0;
};

// A backend of `threads` threads, the caller among them; 0 takes one a core. One batch at a time.
std::unique_ptr<Backend> make_cpu_backend(unsigned threads = 1);

}  // namespace zomma::kernels
