# One interface target that every room links: warnings, hardening, sanitizers.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

add_library(weir_options INTERFACE)
target_link_libraries(weir_options INTERFACE Threads::Threads)
target_compile_options(weir_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough
  -fno-strict-overflow)
if(WEIR_WERROR)
  target_compile_options(weir_options INTERFACE -Werror)
endif()
if(WEIR_HARDENED)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  target_compile_definitions(weir_options INTERFACE _FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
  target_compile_options(weir_options INTERFACE
    -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection)
  target_link_options(weir_options INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(WEIR_SANITIZE)
  target_compile_options(weir_options INTERFACE
    -fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(weir_options INTERFACE -fsanitize=${WEIR_SANITIZE})
endif()
