// page_assets.cpp: puts the page's style and script into read-only data with the assembler's
// .incbin.
#include "cli/kernels/page_assets.h"

#define ZOMMA_PAGE_ASSET(name, path)                                                       \
  __asm__(                                                                                 \
      ".pushsection .rodata\n"                                                             \
      ".global zomma_page_" #name                                                          \
      "_begin\n"                                                                           \
      ".hidden zomma_page_" #name                                                          \
      "_begin\n"                                                                           \
      ".global zomma_page_" #name                                                          \
      "_end\n"                                                                             \
      ".hidden zomma_page_" #name                                                          \
      "_end\n"                                                                             \
      "zomma_page_" #name                                                                  \
      "_begin:\n"                                                                          \
      ".incbin \"" path                                                                    \
      "\"\n"                                                                               \
      "zomma_page_" #name                                                                  \
      "_end:\n"                                                                            \
      ".byte 0\n"                                                                          \
      ".popsection\n");                                                                    \
  extern "C" __attribute__((visibility("hidden"))) const char zomma_page_##name##_begin[]; \
  extern "C" __attribute__((visibility("hidden"))) const char zomma_page_##name##_end[]

ZOMMA_PAGE_ASSET(style, ZOMMA_PAGE_DIR "/surface.css");
ZOMMA_PAGE_ASSET(script, ZOMMA_PAGE_DIR "/surface.js");

namespace zomma::cli {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view surface_style() { return between(zomma_page_style_begin, zomma_page_style_end); }
std::string_view surface_script() {
  return between(zomma_page_script_begin, zomma_page_script_end);
}

}  // namespace zomma::cli
