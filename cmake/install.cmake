# What `cmake --install` puts where: the program, git-keyhunt (so that `git keyhunt` works), its manual page and completions,
# the latter written by the program itself.
include(GNUInstallDirs)

set(texts ${CMAKE_BINARY_DIR}/texts)
add_custom_command(OUTPUT ${texts}/keyhunt.1 ${texts}/keyhunt.bash ${texts}/_keyhunt ${texts}/keyhunt.fish
	COMMAND ${CMAKE_COMMAND} -E make_directory ${texts}
	COMMAND keyhunt --generate man > ${texts}/keyhunt.1
	COMMAND keyhunt --generate bash > ${texts}/keyhunt.bash
	COMMAND keyhunt --generate zsh > ${texts}/_keyhunt
	COMMAND keyhunt --generate fish > ${texts}/keyhunt.fish
	DEPENDS keyhunt VERBATIM)
add_custom_target(texts ALL DEPENDS ${texts}/keyhunt.1)
file(CONFIGURE OUTPUT ${texts}/git-keyhunt.1 CONTENT ".so man1/keyhunt.1\n")

install(TARGETS keyhunt)
install(CODE "file(CREATE_LINK keyhunt \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/git-keyhunt\" SYMBOLIC)")
install(FILES ${texts}/keyhunt.1 ${texts}/git-keyhunt.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${texts}/keyhunt.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME keyhunt)
install(FILES ${texts}/_keyhunt DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${texts}/keyhunt.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
