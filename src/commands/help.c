/* help.c: -h fits one screen, --help is grouped by purpose. */
#include "commands/help.h"

#include "commands/options.h"

#define COLUMN 26 /* where descriptions begin */
#define WIDTH 78

static const char usage[] =
	"usage: keyhunt [options] [PATH...]              scan files and folders (- is standard input)\n"
	"       keyhunt --history [options] [REPO...]    scan everything git repositories hold\n";

/* `left`, then `text` in a column of its own, broken between words. */
static void print_pair(FILE *out, const char *left, const char *text)
{
	int at = fprintf(out, "  %s", left);
	if (at + 1 >= COLUMN) {
		fputc('\n', out);
		at = 0;
	}
	at += fprintf(out, "%*s", COLUMN - at, "");
	for (const char *p = text; *p;) {
		int word = (int)strcspn(p, " ");
		if (at > COLUMN && at + 1 + word > WIDTH)
			at = fprintf(out, "\n%*s", COLUMN, "") - 1;
		at += fprintf(out, "%s%.*s", at > COLUMN ? " " : "", word, p);
		p += word;
		p += strspn(p, " ");
	}
	fputc('\n', out);
}

static void print_option(FILE *out, const struct option_spec *s)
{
	char left[64], letter[8] = "    ";
	if (s->letter)
		snprintf(letter, sizeof letter, "-%c, ", s->letter);
	snprintf(left, sizeof left, "%s--%s%s%s", letter, s->name, s->arg ? " " : "", s->arg ? s->arg : "");
	print_pair(out, left, s->help);
}

void help_short(FILE *out)
{
	size_t n;
	const struct option_spec *table = options_table(&n);
	fputs(usage, out);
	fputc('\n', out);
	for (size_t i = 0; i < n; i++)
		if (option_listed(&table[i]) && (table[i].marks & OPTION_COMMON))
			print_option(out, &table[i]);
	fputs("\nexit status: 0 nothing found, 1 something found, 2 not everything could be scanned\n"
	      "keyhunt --help lists all options.\n", out);
}

static void print_commands(FILE *out)
{
	size_t n;
	const struct command_spec *commands = options_commands(&n);
	for (size_t i = 0; i < n; i++) {
		char left[64];
		if (commands[i].marks & OPTION_LATER)
			continue;
		snprintf(left, sizeof left, "keyhunt %s %s", commands[i].word, commands[i].args);
		print_pair(out, left, commands[i].help);
	}
}

void help_long(FILE *out)
{
	size_t n;
	const struct option_spec *table = options_table(&n);
	fputs("keyhunt finds AWS credentials in files and in the whole history of git repositories.\n\n", out);
	fputs(usage, out);
	fputs("\nOther commands\n", out);
	print_commands(out);
	for (enum option_group g = 0; g < GROUPS; g++) {
		fprintf(out, "\n%s\n", options_group_title(g));
		for (size_t i = 0; i < n; i++)
			if (option_listed(&table[i]) && table[i].group == g)
				print_option(out, &table[i]);
	}
	fputs("\nEnvironment\n"
	      "  KEYHUNT_FORMAT=jsonl stands for --format jsonl, KEYHUNT_NO_PROGRESS=1 for --no-progress, and so on\n"
	      "  for every option that says how, not what, to scan. The command line wins.\n"
	      "\nExit status\n"
	      "  0  everything asked for was scanned, and nothing was found\n"
	      "  1  something was found\n"
	      "  2  wrong usage, a failure, or something could not be scanned (findings are printed all the same)\n", out);
}

void help_version(FILE *out)
{
	fputs("keyhunt " KEYHUNT_VERSION "\n", out);
}
