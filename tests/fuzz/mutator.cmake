# SPDX-License-Identifier: BSD-2-Clause
#
# The mutator: fuzz_mutator for programs of ours, fuzz_mutator_libfuzzer to be
# linked into each libFuzzer target (objects: nothing refers to them that would
# pull them out of an archive), libfuzz_mutator_afl.so for AFL++.  And what
# makes seeds.

set(mutator_dir ${CMAKE_CURRENT_LIST_DIR})
set(mutator_sources
  ${mutator_dir}/mutator.c ${mutator_dir}/mutator_entries.c
  ${mutator_dir}/mutator_hints.c ${mutator_dir}/mutator_links.c
  ${mutator_dir}/mutator_names.c ${mutator_dir}/mutator_tables.c
  ${mutator_dir}/mutator_values.c)

add_library(fuzz_mutator STATIC ${mutator_sources}
  ${mutator_dir}/mutator_afl.c)
target_include_directories(fuzz_mutator PUBLIC ${mutator_dir})
set_target_properties(fuzz_mutator PROPERTIES POSITION_INDEPENDENT_CODE ON)

add_library(fuzz_mutator_libfuzzer OBJECT ${mutator_sources}
  ${mutator_dir}/mutator_libfuzzer.c)

add_library(fuzz_mutator_afl MODULE ${mutator_sources}
  ${mutator_dir}/mutator_afl.c)

add_executable(fuzz_seeds ${mutator_dir}/seeds.c)
target_link_libraries(fuzz_seeds PRIVATE kldsim_static)
set_target_properties(fuzz_seeds PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
