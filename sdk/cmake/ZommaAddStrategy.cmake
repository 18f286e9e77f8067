# ZommaAddStrategy.cmake: zomma_add_strategy(NAME SOURCES a.cpp ...): builds NAME.so, a plugin that a Zomma host will load.
#
# The flags are the contract, each for a reason that once bit somebody:
#   -fvisibility=hidden, version script   one exported symbol, nothing else can clash or be interposed
#   -fno-gnu-unique                       without it dlclose keeps the image mapped and old state survives a reload
#   -z defs, -z now                       an unresolved symbol fails at build or load, never in the middle of trading
#   --exclude-libs,ALL                    what static libraries bring in stays inside
#   -ffp-contract=off                     the same numbers from every compiler, so a journal replays bit by bit

function(zomma_add_strategy name)
  cmake_parse_arguments(arg "" "" "SOURCES" ${ARGN})
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "zomma_add_strategy(${name}): SOURCES is empty")
  endif()
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE Zomma::sdk)
  # A project may have C alone, or C++ alone.
  if(CMAKE_CXX_COMPILER_LOADED)
    target_compile_features(${name} PRIVATE cxx_std_20)
  endif()
  if(CMAKE_C_COMPILER_LOADED)
    target_compile_features(${name} PRIVATE c_std_11)
  endif()
  set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden
                        VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map")
  target_compile_options(${name} PRIVATE -ffp-contract=off $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE -Wl,-z,now -Wl,--exclude-libs,ALL -Wl,--version-script,${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  if(NOT "${CMAKE_SHARED_LINKER_FLAGS} ${CMAKE_MODULE_LINKER_FLAGS} ${ZOMMA_SANITIZE}" MATCHES "sanitize|address|thread")
    target_link_options(${name} PRIVATE -Wl,-z,defs)  # sanitizers resolve their runtime at load
  endif()
endfunction()
