/* help.h: the option table as text: help, manual page, completions. One thread. */
#ifndef KH_COMMANDS_HELP_H
#define KH_COMMANDS_HELP_H

#include <stdio.h>

#include "util/status.h"

#define KEYHUNT_VERSION "0.1.0" /* tests/lint proves that CMakeLists.txt says the same */

void help_short(FILE *out);   /* one screen */
void help_long(FILE *out);    /* everything, by purpose */
void help_version(FILE *out);

/* `what`: man, bash, zsh or fish; KH_USAGE for anything else. */
enum status help_generate(FILE *out, const char *what);

#endif
