# One interface target that every room links: warnings, hardening, sanitizers. Presets choose among them.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

add_library(weir_options INTERFACE)
target_link_libraries(weir_options INTERFACE Threads::Threads)

# --- warnings: the same for g++ and clang ------------------------------------------------------------------------
target_compile_options(weir_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough)
if(WEIR_WERROR)
  target_compile_options(weir_options INTERFACE -Werror)
endif()

# --- what ships --------------------------------------------------------------------------------------------------
# _FORTIFY_SOURCE needs an optimising build; at -O0 glibc answers it with a warning. Some compilers come with another
# level built in, so it is undefined first. -fno-strict-overflow stays out of sanitizer builds: it would hide signed
# overflow from them. tests/support/hardened checks the result in the binary.
if(WEIR_HARDENED)
  target_compile_definitions(weir_options INTERFACE _GLIBCXX_ASSERTIONS)
  target_compile_options(weir_options INTERFACE
    -fPIE -fstack-protector-strong -fstack-clash-protection -fno-strict-overflow
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  target_link_options(weir_options INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(WEIR_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT lto_works OUTPUT why LANGUAGES CXX)
  if(lto_works)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # Objects hold plain code as well, for programs that are linked without it (WEIR_PLAIN_LINK: tests/unit).
      target_compile_options(weir_options INTERFACE -ffat-lto-objects)
      set(WEIR_PLAIN_LINK -fno-lto)
    endif()
  else()
    message(STATUS "No link-time optimisation with this compiler")
  endif()
endif()

# --- what tests ----------------------------------------------------------------------------------------------------
if(WEIR_SANITIZE)
  target_compile_options(weir_options INTERFACE
    -fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(weir_options INTERFACE -fsanitize=${WEIR_SANITIZE})
endif()
if(WEIR_FUZZ)
  # Coverage for all code; the driver with its main() is linked into the targets alone (tests/fuzz).
  target_compile_options(weir_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(weir_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
