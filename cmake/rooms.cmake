# weir_room(NAME [ROOMS room...] [LIBS lib...]): one static library per folder of src/.
# ROOMS are the rooms below it, LIBS the third-party libraries that only this room may see.
function(weir_room name)
  cmake_parse_arguments(ARG "" "" "ROOMS;LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  list(FILTER sources INCLUDE REGEX "\\.cc$")
  add_library(weir_${name} STATIC ${sources})
  target_include_directories(weir_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(weir_${name} PUBLIC weir_options PRIVATE ${ARG_LIBS})
  foreach(room ${ARG_ROOMS})
    target_link_libraries(weir_${name} PUBLIC weir_${room})
  endforeach()
endfunction()
