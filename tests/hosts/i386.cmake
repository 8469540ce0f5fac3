# SPDX-License-Identifier: BSD-2-Clause
#
# Builds for a 32-bit host, by the compiler of a 64-bit one: its pointers and
# size_t have 32 bits.  sysroot.sh has put its libraries into the folder
# KLDSIM_SYSROOT.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER gcc)
set(CMAKE_C_FLAGS_INIT -m32)

# CMake reads this file again for each of its trial builds.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES KLDSIM_SYSROOT)
set(CMAKE_SYSROOT ${KLDSIM_SYSROOT})
set(CMAKE_LIBRARY_ARCHITECTURE i386-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)

# Its own loader and libraries, behind those that a test puts first.
set(library_path ${KLDSIM_SYSROOT}/usr/lib/i386-linux-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT
  -Wl,--dynamic-linker=${library_path}/ld-linux.so.2)
set(CMAKE_CROSSCOMPILING_EMULATOR /bin/sh ${CMAKE_CURRENT_LIST_DIR}/run.sh
  ${library_path})
