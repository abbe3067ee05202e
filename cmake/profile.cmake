# Profile-guided optimisation. WEIR_PROFILE=use (the release preset): the rooms are first built in training/ within the
# build folder, with counters (WEIR_PROFILE=make), the program tests/bench/training has real requests there, and the
# compiler lays the release out by what was counted. g++ alone; other compilers do without.
# Files and counts are matched by their paths within the two build folders, as the compiler sees them: real ones.
set(WEIR_PROFILE "" CACHE STRING "Profile-guided optimisation: empty, use, or make (what use does by itself)")
if(NOT WEIR_PROFILE MATCHES "^(use|make)?$")
  message(FATAL_ERROR "WEIR_PROFILE is '${WEIR_PROFILE}'; it may be empty, use or make")
endif()
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(WEIR_PROFILE "")
endif()
file(REAL_PATH ${CMAKE_BINARY_DIR} here)

if(WEIR_PROFILE STREQUAL "make")
  target_compile_options(weir_options INTERFACE
    -fprofile-generate=${here}/counts -fprofile-prefix-path=${here})
  target_link_options(weir_options INTERFACE -fprofile-generate)
elseif(WEIR_PROFILE STREQUAL "use")
  set(training ${here}/training)
  # The training build is configured like this one.
  string(TOUPPER "CMAKE_CXX_FLAGS_${CMAKE_BUILD_TYPE}" flags_of_type)
  set(settings "")
  foreach(name CMAKE_BUILD_TYPE CMAKE_C_COMPILER CMAKE_CXX_COMPILER CMAKE_CXX_FLAGS ${flags_of_type} CMAKE_EXE_LINKER_FLAGS
               CMAKE_MAKE_PROGRAM CMAKE_PREFIX_PATH CMAKE_TOOLCHAIN_FILE WEIR_HARDENED)
    if(DEFINED ${name})
      string(APPEND settings "set(${name} [==[${${name}}]==] CACHE STRING \"\")\n")
    endif()
  endforeach()
  file(CONFIGURE OUTPUT ${training}.cmake CONTENT "${settings}" @ONLY)
  file(GLOB_RECURSE trained CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/src/*.cc ${PROJECT_SOURCE_DIR}/src/*.h ${PROJECT_SOURCE_DIR}/src/CMakeLists.txt
    ${PROJECT_SOURCE_DIR}/cmake/*.cmake)
  set(one_count "${training}/counts/src#base#CMakeFiles#weir_base.dir#piece.cc.gcda")
  add_custom_command(OUTPUT ${training}/done
    COMMAND ${CMAKE_COMMAND} -C ${training}.cmake -S ${PROJECT_SOURCE_DIR} -B ${training} -G ${CMAKE_GENERATOR}
      -DWEIR_PROFILE=make -DWEIR_TESTS=OFF
    COMMAND ${CMAKE_COMMAND} --build ${training} --target training
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${training}/counts
    COMMAND ${training}/tests/bench/training
    COMMAND ${CMAKE_COMMAND} -E compare_files ${one_count} ${one_count}  # fails where counts would not be found
    COMMAND ${CMAKE_COMMAND} -E touch ${training}/done
    DEPENDS ${trained} ${training}.cmake
      ${PROJECT_SOURCE_DIR}/tests/bench/training.cc ${PROJECT_SOURCE_DIR}/tests/bench/micro/heads.h
    COMMENT "Training: counting what real requests run" VERBATIM)
  add_custom_target(profile DEPENDS ${training}/done)
  # For a room alone: whoever links it is linked as before.
  function(weir_profile target)
    add_dependencies(${target} profile)
    target_compile_options(${target} PRIVATE
      -fprofile-use=${training}/counts -fprofile-prefix-path=${here} -fprofile-partial-training
      -Wno-missing-profile -Wno-error=coverage-mismatch)
    # What training showed is inlined deeply; g++ 12 then takes fmt's bounded loops for overflows when it links.
    target_link_options(${target} INTERFACE -Wno-stringop-overflow)
  endfunction()
endif()
