# SPDX-License-Identifier: BSD-2-Clause
#
# How the libraries that kldsim stands on are found.  The build and the
# installed package both read this file, so that both look in the same way.
# FreeBSD has libelf in its base system, without a .pc file; pkg-config is
# therefore only a hint.

# kldsim_find(NAME HEADER MODULE [OPTIONAL]): makes kldsim::NAME, or fails unless
# it is optional.
function(kldsim_find name header module)
  if(TARGET kldsim::${name})
    return()
  endif()
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(PC_${name} QUIET ${module})
  endif()
  find_path(KLDSIM_${name}_INCLUDE ${header} HINTS ${PC_${name}_INCLUDE_DIRS})
  find_library(KLDSIM_${name}_LIBRARY ${name} HINTS ${PC_${name}_LIBRARY_DIRS})
  mark_as_advanced(KLDSIM_${name}_INCLUDE KLDSIM_${name}_LIBRARY)
  if(NOT KLDSIM_${name}_INCLUDE OR NOT KLDSIM_${name}_LIBRARY)
    if("OPTIONAL" IN_LIST ARGN)
      return()
    endif()
    message(FATAL_ERROR "kldsim needs lib${name} with its header ${header}")
  endif()
  add_library(kldsim::${name} UNKNOWN IMPORTED)
  set_target_properties(kldsim::${name} PROPERTIES
    IMPORTED_LOCATION "${KLDSIM_${name}_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${KLDSIM_${name}_INCLUDE}")
endfunction()

# The same libraries as linker flags, for the .pc file.
function(kldsim_link_flags flags_ret)
  set(flags "")
  foreach(name ${ARGN})
    cmake_path(GET KLDSIM_${name}_LIBRARY PARENT_PATH dir)
    if(NOT dir IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
      list(APPEND flags -L${dir})
    endif()
    list(APPEND flags -l${name})
  endforeach()
  list(JOIN flags " " flags)
  set(${flags_ret} "${flags}" PARENT_SCOPE)
endfunction()
