# SPDX-License-Identifier: BSD-2-Clause
#
# Builds for a big-endian machine whose libraries sysroot.sh has put into the
# folder KLDSIM_SYSROOT; qemu runs what is built.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(CMAKE_C_COMPILER s390x-linux-gnu-gcc)

# CMake reads this file again for each of its trial builds.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES KLDSIM_SYSROOT)
set(CMAKE_SYSROOT ${KLDSIM_SYSROOT})
set(CMAKE_LIBRARY_ARCHITECTURE s390x-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)

find_program(KLDSIM_QEMU qemu-s390x-static REQUIRED) # whatever a test has in PATH
set(CMAKE_CROSSCOMPILING_EMULATOR ${KLDSIM_QEMU} -L ${KLDSIM_SYSROOT})
