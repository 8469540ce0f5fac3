# SPDX-License-Identifier: BSD-2-Clause
#
# Libraries that are loaded when they are first needed: what they bring along
# would make every start of the command as long as a small load.

# kldsim_soname(NAME SONAME_RET): by which name a host loads the library; "" if
# that cannot be told from its file, or is not wanted: it has to be linked.
function(kldsim_soname name soname_ret)
  set(soname "")
  if(KLDSIM_LATE)
    file(REAL_PATH "${KLDSIM_${name}_LIBRARY}" path)
    cmake_path(GET path PARENT_PATH folder)
    file(GLOB links "${folder}/lib${name}.so.*")
    foreach(link ${links})
      file(REAL_PATH "${link}" same)
      if(same STREQUAL path AND link MATCHES "\\.so\\.[0-9]+$")
        cmake_path(GET link FILENAME soname)
      endif()
    endforeach()
  endif()
  set(${soname_ret} "${soname}" PARENT_SCOPE)
endfunction()

# kldsim_find_late(NAME HEADER WITHOUT): looks for libNAME, which need not be
# there; one that has to be linked is of `libraries`.
macro(kldsim_find_late name header without)
  kldsim_find(${name} ${header} lib${name} OPTIONAL)
  if(TARGET kldsim::${name})
    kldsim_soname(${name} soname)
    if(NOT soname)
      list(APPEND libraries ${name})
    endif()
  else()
    message(STATUS "no lib${name}: ${without}")
  endif()
endmacro()

# kldsim_late(TARGET NAME): the target's sources know the library, and its name
# if they are to load it.
function(kldsim_late target name)
  string(TOUPPER "KLDSIM_LIB${name}" macro)
  target_compile_definitions(${target} PRIVATE ${macro})
  kldsim_soname(${name} soname)
  if(soname)
    target_compile_definitions(${target} PRIVATE ${macro}_SONAME="${soname}")
    target_include_directories(${target} PRIVATE
      $<TARGET_PROPERTY:kldsim::${name},INTERFACE_INCLUDE_DIRECTORIES>)
    target_link_libraries(${target} PRIVATE ${CMAKE_DL_LIBS})
  else()
    target_link_libraries(${target} PRIVATE kldsim::${name})
  endif()
endfunction()
