# One harness per parser. With KEYHUNT_FUZZ each is a libFuzzer program; else it replays its corpus, and ctest runs that.
#
#   cmake --workflow --preset dev                 every corpus is replayed
#   cmake --preset fuzz && cmake --build --preset fuzz
#   build/fuzz/tests/fuzz_delta -max_total_time=600 tests/fuzz/corpus/delta
file(GLOB harnesses CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/fuzz_*.c)
add_library(fuzz_lib OBJECT ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/packmake.c)
target_link_libraries(fuzz_lib PUBLIC keyhunt_core PkgConfig::ZLIB)
keyhunt_warnings(fuzz_lib)

foreach(source ${harnesses})
	get_filename_component(target ${source} NAME_WE)
	string(REPLACE fuzz_ "" name ${target})
	add_executable(${target} ${source})
	target_link_libraries(${target} PRIVATE fuzz_lib)
	keyhunt_warnings(${target})
	target_compile_options(${target} PRIVATE -Wno-missing-prototypes)
	set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
	if(KEYHUNT_FUZZ)
		target_link_options(${target} PRIVATE -fsanitize=fuzzer)
		add_test(NAME fuzz.${name} COMMAND ${target} -runs=0 ${corpus})
	else()
		target_sources(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/replay.c)
		add_test(NAME fuzz.${name} COMMAND ${target} ${corpus})
	endif()
endforeach()
