# Profile-guided optimisation. WEIR_PROFILE=use (the release preset): the rooms are first built in training/ within the
# build folder, with counters (WEIR_PROFILE=make), the program tests/bench/training has real requests there, and the
# compiler lays the release out by what was counted. What training never ran is compiled as without it.
# Files and counts are matched by their paths within the two build folders. g++ alone; other compilers do without.
set(WEIR_PROFILE "" CACHE STRING "Profile-guided optimisation: empty, use, or make (what use does by itself)")
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(WEIR_PROFILE "")
endif()

if(WEIR_PROFILE STREQUAL "make")
  target_compile_options(weir_options INTERFACE
    -fprofile-generate=${CMAKE_BINARY_DIR}/counts -fprofile-prefix-path=${CMAKE_BINARY_DIR})
  target_link_options(weir_options INTERFACE -fprofile-generate)
elseif(WEIR_PROFILE STREQUAL "use")
  set(training ${CMAKE_BINARY_DIR}/training)
  file(GLOB_RECURSE trained CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.cc ${PROJECT_SOURCE_DIR}/src/*.h)
  add_custom_command(OUTPUT ${training}/done
    COMMAND ${CMAKE_COMMAND} -S ${PROJECT_SOURCE_DIR} -B ${training} -G ${CMAKE_GENERATOR}
      -DWEIR_PROFILE=make -DWEIR_TESTS=OFF -DWEIR_HARDENED=${WEIR_HARDENED}
      -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE}
      "-DCMAKE_CXX_FLAGS=${CMAKE_CXX_FLAGS}" "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=${CMAKE_CXX_FLAGS_RELWITHDEBINFO}"
    COMMAND ${CMAKE_COMMAND} --build ${training} --target training
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${training}/counts
    COMMAND ${training}/tests/bench/training
    COMMAND ${CMAKE_COMMAND} -E touch ${training}/done
    DEPENDS ${trained} ${PROJECT_SOURCE_DIR}/tests/bench/training.cc ${PROJECT_SOURCE_DIR}/tests/bench/micro/heads.h
    COMMENT "Training: counting what real requests run" VERBATIM)
  add_custom_target(profile DEPENDS ${training}/done)
  # For a room alone: whoever links it is linked as before.
  function(weir_profile target)
    add_dependencies(${target} profile)
    target_compile_options(${target} PRIVATE
      -fprofile-use=${training}/counts -fprofile-prefix-path=${CMAKE_BINARY_DIR} -fprofile-partial-training
      -Wno-missing-profile -Wno-error=coverage-mismatch)
    # What training showed is inlined deeply; g++ 12 then takes fmt's bounded loops for overflows when it links.
    target_link_options(${target} INTERFACE -Wno-stringop-overflow)
  endfunction()
endif()
