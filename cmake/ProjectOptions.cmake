# SPDX-License-Identifier: MIT
# What every target of the project is compiled with; link `project_options` to get it.

option(MUELLE_WERROR "Treat warnings as errors" OFF)
option(MUELLE_TESTS "Build the tests" ON)
set(MUELLE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them; empty for none")

add_library(project_options INTERFACE)
target_compile_features(project_options INTERFACE c_std_17)
target_compile_definitions(project_options INTERFACE _GNU_SOURCE)
target_include_directories(project_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(project_options INTERFACE
  $<$<COMPILE_LANGUAGE:C>:
    -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
    -Wformat=2 $<$<BOOL:${MUELLE_WERROR}>:-Werror>
    -UNDEBUG  # an assertion states what is impossible: it holds in every build
  >)
if(MUELLE_SANITIZE)
  target_compile_options(project_options INTERFACE
    -fsanitize=${MUELLE_SANITIZE} -fno-omit-frame-pointer -O1)
  target_link_options(project_options INTERFACE -fsanitize=${MUELLE_SANITIZE})
endif()

# The revision that stands in every result. Configure-time is too early (a commit later it would
# lie), so a small header is refreshed at each build and only rewritten when it changed.
add_custom_target(revision
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR}
          -DOUTPUT=${PROJECT_BINARY_DIR}/generated/revision.h
          -P ${PROJECT_SOURCE_DIR}/cmake/Revision.cmake
  BYPRODUCTS ${PROJECT_BINARY_DIR}/generated/revision.h
  COMMENT "" VERBATIM)
