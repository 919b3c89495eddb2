# Random repositories: keyhunt's default = --whole-blobs = -j 1 = -j 2 = a naive oracle. 50 seeds a test, so that tests run side by side.
if(TARGET keyhunt)
	find_package(Python3 COMPONENTS Interpreter REQUIRED)
	foreach(part RANGE 0 6)
		math(EXPR first "${part} * 50 + 1")
		math(EXPR last "${first} + 49")
		add_test(NAME property.${part} COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/property/compare.py
			$<TARGET_FILE:keyhunt> ${first} ${last})
		set_tests_properties(property.${part} PROPERTIES TIMEOUT 900)
	endforeach()
endif()
