# Fewer seeds where sanitizers make each several times dearer: KEYHUNT_SEEDS a part.
set(KEYHUNT_SEEDS 50 CACHE STRING "random repositories in each of the seven property tests")

# Random repositories: keyhunt's default = --whole-blobs = -j 1 = -j 2 = a naive oracle. KEYHUNT_SEEDS a test, so that tests run side by side.
if(TARGET keyhunt)
	foreach(part RANGE 0 6)
		math(EXPR first "${part} * ${KEYHUNT_SEEDS} + 1")
		math(EXPR last "${first} + ${KEYHUNT_SEEDS} - 1")
		add_test(NAME property.${part} COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/property/compare.py
			$<TARGET_FILE:keyhunt> ${first} ${last})
		set_tests_properties(property.${part} PROPERTIES TIMEOUT 900)
	endforeach()
endif()
