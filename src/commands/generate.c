/* generate.c: the manual page and the completions, written from the option table so that they cannot fall behind it. */
#include "commands/help.h"

#include "commands/options.h"

/* Text for roff: a backslash and a hyphen are escaped, and no line may begin with a dot or a quote. */
static void roff(FILE *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (; *text; text++)
		switch (*text) {
		case '\\': fputs("\\e", out); break;
		case '-': fputs("\\-", out); break;
		default: fputc(*text, out);
		}
}

static void man_option(FILE *out, const struct option_spec *s)
{
	fputs(".TP\n", out);
	if (s->letter)
		fprintf(out, "\\fB\\-%c\\fR, ", s->letter);
	fputs("\\fB\\-\\-", out);
	roff(out, s->name);
	fputs("\\fR", out);
	if (s->arg)
		fprintf(out, " \\fI%s\\fR", s->arg);
	fputc('\n', out);
	roff(out, s->help);
	fputs(".\n", out);
}

static const char man_head[] =
	".TH KEYHUNT 1 \"\" \"keyhunt " KEYHUNT_VERSION "\" \"User Commands\"\n"
	".SH NAME\nkeyhunt \\- find AWS credentials in files and git histories\n"
	".SH SYNOPSIS\n"
	".B keyhunt\n[\\fIoptions\\fR] [\\fIPATH\\fR...]\n.br\n"
	".B keyhunt \\-\\-history\n[\\fIoptions\\fR] [\\fIREPO\\fR...]\n.br\n"
	".B keyhunt patterns\n[\\fBtest\\fR]\n.br\n"
	".B keyhunt explain\n\\fICREDENTIAL\\fR\n"
	".SH DESCRIPTION\n"
	"Without \\fB\\-\\-history\\fR, keyhunt scans files and folders (the current one when none is named; \\fB\\-\\fR is "
	"standard input). In a repository, files that git ignores are left out.\n"
	".PP\n"
	"With \\fB\\-\\-history\\fR it scans everything that the object store of each repository holds: all versions of all "
	"files, merge resolutions, stashes, notes, the texts of commits and tags, author and committer fields, names of files "
	"and refs, symbolic links, URLs in the repository's configuration, and objects that no ref reaches any more. "
	"\\fIREPO\\fR may be a work tree, a folder inside it, a .git folder or file, or a bare repository.\n"
	".PP\n"
	"Findings go to standard output, everything else to standard error. Secrets are shown by their first four characters "
	"and length. \\fBgit keyhunt\\fR is the same program.\n";

static const char man_tail[] =
	".SH EXIT STATUS\n"
	".TP\n0\nEverything asked for was scanned, and nothing was found.\n"
	".TP\n1\nSomething was found.\n"
	".TP\n2\nWrong usage, a failure, or something could not be scanned. Findings are printed all the same.\n"
	".TP\n130, 143\nInterrupted by SIGINT or SIGTERM; what was found so far is printed and marked as incomplete.\n"
	".SH ENVIRONMENT\n"
	"Every option that says how to scan can be set as KEYHUNT_ and its name in capitals: KEYHUNT_FORMAT=jsonl, "
	"KEYHUNT_MIN_CONFIDENCE=high, KEYHUNT_NO_PROGRESS=1. Flags take 1, true or yes and 0, false or no. "
	"The command line wins.\n"
	".TP\nNO_COLOR\nWhen set and not empty, no colour unless \\fB\\-\\-color always\\fR asks for it.\n"
	".TP\nGIT_DIR, GIT_WORK_TREE, GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES, GIT_INDEX_FILE\n"
	"Have the meaning that git gives them when no repository is named.\n"
	".SH FILES\n"
	".TP\n*.yaml\nPattern files in the folder that \\fB\\-\\-patterns\\fR names; the built\\-in ones need no file.\n"
	".TP\n.keyhunt\nAt the top of a repository: its settings and what it allows, in git's configuration syntax. "
	"git's own configuration may have keyhunt.* too.\n"
	".TP\n.gitleaksignore, .secrets.baseline, .gitallowed\nIgnore files of other tools, honoured where they name a value.\n"
	".TP\n.gitignore, .git/info/exclude\nName the files that are left out unless \\fB\\-\\-no\\-ignore\\fR is given.\n"
	".SH EXAMPLES\n"
	".TP\nScan the files in the current folder:\n.B keyhunt\n"
	".TP\nScan the whole history of the repository here:\n.B keyhunt \\-\\-history\n"
	".TP\nScan several mirrors, one JSON object a line:\n.B keyhunt \\-\\-history \\-\\-format jsonl /srv/git/*.git > findings.jsonl\n"
	".TP\nUpload to code scanning:\n.B keyhunt \\-\\-history \\-\\-format sarif \\-\\-output keyhunt.sarif\n"
	".TP\nLook at what a program prints:\n.B kubectl get secrets \\-o yaml | keyhunt \\-\n"
	".SH SEE ALSO\n.BR git (1),\n.BR gitignore (5)\n";

static void generate_man(FILE *out)
{
	size_t n;
	const struct option_spec *table = options_table(&n);
	fputs(man_head, out);
	fputs(".SH OPTIONS\n", out);
	for (enum option_group g = 0; g < GROUPS; g++) {
		fprintf(out, ".SS %s\n", options_group_title(g));
		for (size_t i = 0; i < n; i++)
			if (option_listed(&table[i]) && table[i].group == g)
				man_option(out, &table[i]);
	}
	fputs(man_tail, out);
}

/* "a|b" as "a b". */
static void spaced(FILE *out, const char *values)
{
	for (; *values; values++)
		fputc(*values == '|' ? ' ' : *values, out);
}

static void generate_bash(FILE *out)
{
	size_t n, m;
	const struct option_spec *table = options_table(&n);
	const struct command_spec *commands = options_commands(&m);
	fputs("# bash completion for keyhunt, made by keyhunt --generate bash\n"
	      "_keyhunt()\n{\n\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n\tCOMPREPLY=()\n\tcase $prev in\n", out);
	for (size_t i = 0; i < n; i++)
		if (option_listed(&table[i]) && table[i].values) {
			fprintf(out, "\t--%s) mapfile -t COMPREPLY < <(compgen -W '", table[i].name);
			spaced(out, table[i].values);
			fputs("' -- \"$cur\"); return ;;\n", out);
		}
	fputs("\tesac\n\tif [[ $cur == -* ]]; then\n\t\tmapfile -t COMPREPLY < <(compgen -W '", out);
	for (size_t i = 0; i < n; i++) {
		if (!option_listed(&table[i]))
			continue;
		if (table[i].letter)
			fprintf(out, "-%c ", table[i].letter);
		fprintf(out, "--%s ", table[i].name);
	}
	fputs("' -- \"$cur\")\n\telse\n\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\"", out);
	for (size_t i = 0; i < m; i++)
		if (!(commands[i].marks & OPTION_LATER))
			fprintf(out, "; compgen -W %s -- \"$cur\"", commands[i].word);
	fputs(")\n\tfi\n}\n_git_keyhunt() { _keyhunt; }\ncomplete -o filenames -F _keyhunt keyhunt git-keyhunt\n", out);
}

/* Inside single quotes and _arguments' brackets. */
static void zsh_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			fputc('\\', out);
		fputs(*text == '\'' ? "'\\''" : (char[]){ *text, '\0' }, out);
	}
}

static void zsh_option(FILE *out, const struct option_spec *s, const char *dashes, const char *name)
{
	fprintf(out, "\t'%s%s[", dashes, name);
	zsh_text(out, s->help);
	fputc(']', out);
	if (s->arg) {
		fprintf(out, ":%s:", s->arg);
		if (s->values) {
			fputc('(', out);
			spaced(out, s->values);
			fputc(')', out);
		} else if (!strcmp(s->arg, "FILE") || !strcmp(s->arg, "DIR")) {
			fputs("_files", out);
		}
	}
	fputs("' \\\n", out);
}

static void generate_zsh(FILE *out)
{
	size_t n;
	const struct option_spec *table = options_table(&n);
	fputs("#compdef keyhunt git-keyhunt\n# zsh completion for keyhunt, made by keyhunt --generate zsh\n_arguments -s \\\n", out);
	for (size_t i = 0; i < n; i++) {
		if (!option_listed(&table[i]))
			continue;
		if (table[i].letter)
			zsh_option(out, &table[i], "-", (char[]){ table[i].letter, '\0' });
		zsh_option(out, &table[i], "--", table[i].name);
	}
	fputs("\t'*:path:_files'\n", out);
}

static void fish_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

static void generate_fish(FILE *out)
{
	size_t n, m;
	const struct option_spec *table = options_table(&n);
	const struct command_spec *commands = options_commands(&m);
	fputs("# fish completion for keyhunt, made by keyhunt --generate fish\n", out);
	for (size_t i = 0; i < m; i++)
		if (!(commands[i].marks & OPTION_LATER)) {
			fprintf(out, "complete -c keyhunt -n __fish_is_first_token -a %s -d ", commands[i].word);
			fish_quoted(out, commands[i].help);
			fputc('\n', out);
		}
	for (size_t i = 0; i < n; i++) {
		const struct option_spec *s = &table[i];
		if (!option_listed(s))
			continue;
		fprintf(out, "complete -c keyhunt -l %s", s->name);
		if (s->letter)
			fprintf(out, " -s %c", s->letter);
		if (s->arg)
			fputs(s->values ? " -x" : " -r", out);
		if (s->values) {
			fputs(" -a '", out);
			spaced(out, s->values);
			fputc('\'', out);
		}
		fputs(" -d ", out);
		fish_quoted(out, s->help);
		fputc('\n', out);
	}
}

enum status help_generate(FILE *out, const char *what)
{
	static const struct {
		const char *name;
		void (*write)(FILE *out);
	} kinds[] = { { "man", generate_man }, { "bash", generate_bash }, { "zsh", generate_zsh }, { "fish", generate_fish } };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(what, kinds[i].name)) {
			kinds[i].write(out);
			return KH_OK;
		}
	return KH_USAGE;
}
