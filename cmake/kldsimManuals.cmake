# SPDX-License-Identifier: BSD-2-Clause
#
# Manuals: those that are written, and those that are made of what they tell of.
# man(1) finds those of the build tree by PATH, as those that are installed.

set(manuals_dir ${PROJECT_BINARY_DIR}/share/man)
file(MAKE_DIRECTORY ${manuals_dir}/man3 ${manuals_dir}/man5
  ${manuals_dir}/man7)
set(made_manuals "")

# kldsim_manual(PAGE SECTION AWK SOURCE [VARIABLE...]): makes a page of a source.
function(kldsim_manual page section awk_file source)
  set(made ${manuals_dir}/man${section}/${page}.${section})
  set(scripts ${PROJECT_SOURCE_DIR}/docs/man/mdoc.awk
    ${PROJECT_SOURCE_DIR}/docs/man/${awk_file})
  list(TRANSFORM scripts PREPEND "-f;" OUTPUT_VARIABLE programs)
  list(TRANSFORM ARGN PREPEND "-v;" OUTPUT_VARIABLE variables)
  add_custom_command(OUTPUT ${made}
    COMMAND ${awk} ${programs} -v out=${made} ${variables} ${source}
    DEPENDS ${scripts} ${source} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    VERBATIM)
  install(FILES ${made} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  set(made_manuals ${made_manuals} ${made} PARENT_SCOPE)
endfunction()

kldsim_manual(kldsim-findings 7 findings.awk lib/report/findings.def)
kldsim_manual(kldsim-spec 5 markdown.awk docs/spec.md
  name=kldsim-spec section=5
  "also=kldsim-reduce 1 kldsim-synth 1 kldsim_spec 3 kldsim_synth 3")
foreach(header ${headers})
  cmake_path(GET header STEM name)
  cmake_path(RELATIVE_PATH header BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(NOT name STREQUAL kldsim) # whose page is written
    kldsim_manual(kldsim_${name} 3 header.awk ${header})
  endif()
endforeach()
add_custom_target(kldsim_manuals ALL DEPENDS ${made_manuals})

file(GLOB manuals CONFIGURE_DEPENDS docs/man/kldsim*.[1-9])
foreach(manual ${manuals})
  cmake_path(GET manual EXTENSION LAST_ONLY section)
  string(REPLACE "." "man" section ${section})
  cmake_path(GET manual FILENAME page)
  configure_file(${manual} share/man/${section}/${page} COPYONLY)
  install(FILES ${manual} DESTINATION ${CMAKE_INSTALL_MANDIR}/${section})
endforeach()
