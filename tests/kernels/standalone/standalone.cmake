# standalone.cmake: configures KERNELS by itself in WORK, as someone would who took that folder alone, and compiles a source
# that includes each of its public headers with no path but theirs.
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
file(COPY ${KERNELS}/ DESTINATION ${WORK}/kernels)
execute_process(COMMAND ${CMAKE_COMMAND} -S ${WORK}/kernels -B ${WORK}/build -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${CXX}
                        -DZOMMA_MARCH=${MARCH} -DZOMMA_CUDA=OFF
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE complaint)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "kernels/ does not configure alone:\n${output}${complaint}")
endif()
if(NOT output MATCHES "Kernels: library only")
  message(FATAL_ERROR "kernels/ found more than itself in ${WORK}:\n${output}")
endif()

file(GLOB_RECURSE headers RELATIVE ${KERNELS}/include ${KERNELS}/include/*.h)
list(LENGTH headers count)
if(count LESS 40)
  message(FATAL_ERROR "only ${count} public headers under ${KERNELS}/include")
endif()
set(source "")
foreach(header IN LISTS headers)
  string(APPEND source "#include <${header}>\n")
endforeach()
file(WRITE ${WORK}/headers.cpp "${source}")
execute_process(COMMAND ${CXX} -std=c++20 -march=${MARCH} -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I${KERNELS}/include
                        ${WORK}/headers.cpp
                RESULT_VARIABLE result ERROR_VARIABLE complaint)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "the public headers do not compile alone:\n${complaint}")
endif()
message(STATUS "${count} headers compile alone")
