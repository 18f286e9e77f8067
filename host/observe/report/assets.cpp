// assets.cpp: puts files into the library's read-only data with the assembler's .incbin. The build
// says which files.
#include "observe/report/assets.h"

// `name`_begin .. `name`_end enclose the bytes of `path`.
#define ZOMMA_EMBED(name, path)                                                               \
  __asm__(                                                                                    \
      ".pushsection .rodata\n"                                                                \
      ".global zomma_asset_" #name                                                            \
      "_begin\n"                                                                              \
      ".hidden zomma_asset_" #name                                                            \
      "_begin\n"                                                                              \
      ".global zomma_asset_" #name                                                            \
      "_end\n"                                                                                \
      ".hidden zomma_asset_" #name                                                            \
      "_end\n"                                                                                \
      "zomma_asset_" #name                                                                    \
      "_begin:\n"                                                                             \
      ".incbin \"" path                                                                       \
      "\"\n"                                                                                  \
      "zomma_asset_" #name                                                                    \
      "_end:\n"                                                                               \
      ".byte 0\n"                                                                             \
      ".popsection\n");                                                                       \
  extern "C" __attribute__((visibility("hidden"))) const char zomma_asset_##name##_begin[];   \
  extern "C" __attribute__((visibility("hidden"))) const char zomma_asset_##name##_end[];     \
  namespace {                                                                                 \
  std::string_view name() {                                                                   \
    return {zomma_asset_##name##_begin,                                                       \
            static_cast<std::size_t>(zomma_asset_##name##_end - zomma_asset_##name##_begin)}; \
  }                                                                                           \
  }

ZOMMA_EMBED(report_css, ZOMMA_WEB_DIR "/report.css")
ZOMMA_EMBED(report_js, ZOMMA_WEB_DIR "/report.js")
ZOMMA_EMBED(page_js, ZOMMA_WEB_DIR "/page.js")
#ifdef ZOMMA_UPLOT_DIR
ZOMMA_EMBED(uplot_css, ZOMMA_UPLOT_DIR "/dist/uPlot.min.css")
ZOMMA_EMBED(uplot_js, ZOMMA_UPLOT_DIR "/dist/uPlot.iife.min.js")
ZOMMA_EMBED(uplot_licence, ZOMMA_UPLOT_DIR "/LICENSE")
#endif

namespace zomma::assets {

std::string_view page_style() { return report_css(); }
std::string_view page_script() { return report_js(); }
std::string_view data_page_script() { return page_js(); }

#ifdef ZOMMA_UPLOT_DIR
bool has_uplot() { return true; }
std::string_view uplot_style() { return uplot_css(); }
std::string_view uplot_script() { return uplot_js(); }
std::string_view uplot_license() { return uplot_licence(); }
#else
bool has_uplot() { return false; }
std::string_view uplot_style() { return {}; }
std::string_view uplot_script() { return {}; }
std::string_view uplot_license() { return {}; }
#endif

}  // namespace zomma::assets
