# Every place that a credential is written in, and what only looks like one: templates filled by a seeded generator.
if(TARGET keyhunt)
	add_test(NAME places COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/places/places.py $<TARGET_FILE:keyhunt>)
endif()
