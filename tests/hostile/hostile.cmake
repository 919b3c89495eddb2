# Hostile repositories, written byte by byte: no crash, bounds on time and memory, what can be read is found, the rest is named.
if(TARGET keyhunt)
	foreach(group packs entries loose objects sizes deltas archives races copies budgets)
		add_test(NAME hostile.${group} COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/hostile/hostile.py
			$<TARGET_FILE:keyhunt> ${group})
		set_tests_properties(hostile.${group} PROPERTIES TIMEOUT 900)
	endforeach()
	set_tests_properties(hostile.sizes PROPERTIES RUN_SERIAL ON) # a gigabyte at a time is enough
endif()
