# SPDX-License-Identifier: MIT
# Writes OUTPUT, a header with the git revision of SOURCE_DIR; run at build time.
execute_process(COMMAND git -C ${SOURCE_DIR} describe --always --dirty --abbrev=12
                OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE
                ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(revision "unknown")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define MUELLE_REVISION \"${revision}\"\n")
