// Boost.DLL is used in its throwing form only: the error_code overload reports every failure as
// "Bad file descriptor".
#include "plugin/image.h"

#include <dlfcn.h>
#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <boost/dll/shared_library.hpp>
#include <fstream>
#include <mutex>
#include <vector>

#include "base/sha256.h"
#include "plugin/check/staging.h"

namespace zomma {

struct PluginImage::Library {
  boost::dll::shared_library handle;
};

PluginImage::PluginImage() : library_(std::make_unique<Library>()) {}

namespace {
std::mutex leaks_mutex;
std::vector<std::string> leaks;
}  // namespace

std::vector<std::string> PluginImage::leaked() {
  const std::lock_guard lock(leaks_mutex);
  return leaks;
}

PluginImage::~PluginImage() {
  worker_.reset();
  if (stays_mapped_)
    new boost::dll::shared_library(std::move(library_->handle));  // for good, and on purpose
  else if (library_->handle.is_loaded())
    library_->handle.unload();
  // unload() does not say whether the image really went; the copy is kept while it is mapped, so
  // that a backtrace through it still finds its file.
  if (void* still = dlopen(copy_.c_str(), RTLD_LAZY | RTLD_NOLOAD)) {
    dlclose(still);
    const std::lock_guard lock(leaks_mutex);
    leaks.push_back(copy_.string());
    return;
  }
  std::error_code ignored;
  std::filesystem::remove_all(copy_.parent_path(), ignored);
}

namespace {

Result<std::vector<std::byte>> read_file(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::exists(path, code))
    return Error{
        Errc::not_found,
        fmt::format("plugin {} does not exist: build it, or correct `path`", path.string())};
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file)
    return Error{Errc::io,
                 fmt::format("plugin {} cannot be read: check its permissions", path.string())};
  std::vector<std::byte> bytes(static_cast<std::size_t>(file.tellg()));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file)
    return Error{Errc::io, fmt::format("plugin {} could not be read to its end", path.string())};
  return bytes;
}

Result<std::filesystem::path> write_copy(const std::filesystem::path& directory,
                                         const std::filesystem::path& name,
                                         std::span<const std::byte> bytes) {
  std::error_code code;
  std::filesystem::create_directories(directory, code);
  if (code)
    return Error{Errc::io, fmt::format("cannot make {}: {}", directory.string(), code.message())};
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all, code);
  const auto path = directory / name;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file)
    return Error{Errc::no_space, fmt::format("cannot write {}: is the disk full?", path.string())};
  return path;
}

// Two loads of the same bytes must not share one image: dlopen knows a file by its path and inode.
std::string unique_folder(const std::string& sha256) {
  static std::atomic<unsigned> generation{0};
  return fmt::format("{}-{}-{}", getpid(), generation.fetch_add(1), sha256.substr(0, 12));
}

}  // namespace

Result<std::shared_ptr<PluginImage>> PluginImage::load(const Options& options) {
  const std::string name = options.path.string();
  const auto bytes = read_file(options.path);
  if (!bytes) return bytes.error();
  const auto explain = [&](const Error& error) {
    return Error{error.code, fmt::format("plugin {}: {}", name, error.message)};
  };
  auto note = read_plugin_note(*bytes);
  if (!note) return explain(note.error());
  if (const auto fits = check_abi(*note); !fits) return explain(fits.error());

  std::shared_ptr<PluginImage> image(new PluginImage);
  image->note_ = *note;
  image->sha256_ = to_hex(zomma::sha256(bytes->data(), bytes->size()));
  if (!options.expected_sha256.empty() && options.expected_sha256 != image->sha256_)
    return Error{
        Errc::refused,
        fmt::format(
            "plugin {}: its SHA-256 is {}, the configuration allows {}: somebody changed the file; "
            "correct `sha256` if that was you",
            name, image->sha256_, options.expected_sha256)};
  const auto folder = options.generations_dir / note->id / unique_folder(image->sha256_);
  const auto copy = write_copy(folder, options.path.filename(), *bytes);
  if (!copy) return copy.error();
  image->copy_ = std::filesystem::absolute(*copy);
  if (options.worker) {
    WorkerOptions wanted = *options.worker;
    wanted.image = image->copy_;
    auto worker = WorkerProcess::spawn(wanted);
    if (!worker) return explain(worker.error());
    image->worker_ = std::move(*worker);
    image->factory_ = &image->worker_->factory();
    return image;
  }
  if (options.staging) {
    StageOptions stage_options;
    stage_options.path = image->copy_;
    stage_options.bytes = *bytes;
    stage_options.waived = options.staging->waived;
    stage_options.probe.executable = options.staging->prober;
    stage_options.run_probe = !options.staging->known || !options.staging->known(image->sha256_);
    if (const auto staged = stage(stage_options); !staged) return explain(staged.error());
  }

  // A thread that it left running would run on where its code was.
  const auto symbols = read_plugin_symbols(*bytes);
  if (!symbols) return explain(symbols.error());
  image->stays_mapped_ = starts_threads(*symbols);
  try {
    using Mode = boost::dll::load_mode::type;
    constexpr auto mode = static_cast<Mode>(RTLD_NOW | RTLD_LOCAL);
    image->library_->handle.load(image->copy_.string(), mode);
    const auto& entry_of = image->library_->handle.get<const zm_entry*()>("zm_plugin_entry");
    const zm_entry* entry = entry_of();
    if (entry == nullptr || entry->abi_major != ZM_ABI_MAJOR || entry->get_factory == nullptr)
      return Error{
          Errc::incompatible,
          fmt::format("plugin {}: zm_plugin_entry answers with another ABI than its note", name)};
    image->factory_ =
        static_cast<const zm_strategy_factory*>(entry->get_factory(ZM_STRATEGY_FACTORY));
  } catch (const std::exception& error) {
    return Error{Errc::incompatible,
                 fmt::format("plugin {}: the loader refused it: {}", name, error.what())};
  } catch (...) {
    return Error{Errc::incompatible, fmt::format("plugin {}: it threw while being loaded", name)};
  }
  if (image->factory_ == nullptr || !ZM_HAS(image->factory_, create) ||
      image->factory_->desc == nullptr)
    return Error{Errc::incompatible,
                 fmt::format("plugin {}: it offers no {}", name, ZM_STRATEGY_FACTORY)};
  return image;
}

}  // namespace zomma
