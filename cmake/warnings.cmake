# Warnings are errors where we develop; what a later compiler finds new does not break a user's build.
option(KEYHUNT_WERROR "treat warnings as errors" OFF)

function(keyhunt_warnings target)
	target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
		-Wstrict-prototypes -Wmissing-prototypes -Wvla -Wwrite-strings -Wundef -Wformat=2 -Wcast-qual)
	if(KEYHUNT_WERROR)
		target_compile_options(${target} PRIVATE -Werror)
	endif()
endfunction()
