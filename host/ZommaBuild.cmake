# ZommaBuild.cmake: the three shapes a target takes in this house: a floor of the host, a test, a benchmark.

# zomma_floor(NAME SOURCES a.cpp ... [DEPENDS zomma_base ...] [LIBRARIES fmt::fmt ...])
# One floor of the host as a static library `zomma_NAME`. DEPENDS are floors below, LIBRARIES stay private.
function(zomma_floor name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_library(zomma_${name} STATIC ${arg_SOURCES})
  target_include_directories(zomma_${name} PUBLIC ${PROJECT_SOURCE_DIR}/host ${PROJECT_SOURCE_DIR}/sdk/include)
  target_link_libraries(zomma_${name} PUBLIC ${arg_DEPENDS} PRIVATE ${arg_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY ZOMMA_FLOORS zomma_${name})
endfunction()

# zomma_test(NAME SOURCES a_test.cpp ... DEPENDS zomma_market ... [LIBRARIES ...])
# A Catch2 program, run by ctest as NAME. ZOMMA_SHARED is the folder of truth data outside the project (may be absent).
function(zomma_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../tests)
  target_link_libraries(${name} PRIVATE zomma_catch_main ${arg_DEPENDS} ${arg_LIBRARIES})
  add_test(NAME ${name} COMMAND ${name} --durations yes --min-duration 1)
  set_tests_properties(${name} PROPERTIES TIMEOUT 400)
endfunction()

# zomma_bench(NAME SOURCES ... DEPENDS ...): a benchmark program; never part of the tests.
function(zomma_bench name)
  if(NOT ZOMMA_BENCH)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../tests)
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} ${arg_LIBRARIES})
endfunction()

# zomma_fuzz(NAME SOURCES ... DEPENDS ...): a libFuzzer program (clang). Also a plain replayer of the kept corpus under
# tests/fuzz/corpus/NAME, run by ctest, in every build.
function(zomma_fuzz name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  if(ZOMMA_FUZZ)
    add_executable(${name} ${arg_SOURCES})
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(${name} PRIVATE ${arg_DEPENDS} ${arg_LIBRARIES})
  elseif(ZOMMA_TESTS)
    add_executable(${name} ${arg_SOURCES} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_corpus.cpp)
    target_link_libraries(${name} PRIVATE ${arg_DEPENDS} ${arg_LIBRARIES})
    add_test(NAME ${name} COMMAND ${name} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  endif()
endfunction()
