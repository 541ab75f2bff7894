# SPDX-License-Identifier: MIT
# project_test(NAME LABEL SECONDS SOURCES… LIBRARIES…): one cmocka program, one CTest entry.
#
#   project_test(histogram_test LABEL unit SOURCES histogram_test.c LIBRARIES common)
#
# LABEL is unit, conformance or e2e; SECONDS bounds the run (60); exit status 77 means "not
# available here" and counts as skipped.
if(MUELLE_TESTS)
  enable_testing()
endif()

# scripts/test runs three tests a core, because most of the time they wait; those that do not are
# counted as so many.
set(TEST_BUSY 2)

function(project_test name)
  if(NOT MUELLE_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 test "" "LABEL;SECONDS" "SOURCES;LIBRARIES;ARGUMENTS")
  if(NOT test_SECONDS)
    set(test_SECONDS 60)
  endif()
  add_executable(${name} ${test_SOURCES})
  target_link_libraries(${name} PRIVATE project_options ${test_LIBRARIES} cmocka)
  add_test(NAME ${name} COMMAND ${name} ${test_ARGUMENTS})
  set_tests_properties(${name} PROPERTIES
    LABELS ${test_LABEL} TIMEOUT ${test_SECONDS} SKIP_RETURN_CODE 77 PROCESSORS ${TEST_BUSY})
endfunction()
