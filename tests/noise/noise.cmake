# Random base64 characters, in which nothing of medium confidence must be found: KEYHUNT_NOISE of them in each shape.
set(KEYHUNT_NOISE 10000000 CACHE STRING "random base64 characters that keyhunt must find nothing in")
if(TARGET keyhunt)
	find_package(Python3 COMPONENTS Interpreter REQUIRED)
	add_test(NAME noise COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/noise/noise.py $<TARGET_FILE:keyhunt> ${KEYHUNT_NOISE})
endif()
