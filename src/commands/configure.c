#include "commands/configure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "objects/discover.h"
#include "objects/files.h"
#include "objects/repo.h"
#include "policy/gitconfig.h"
#include "policy/sources.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/message.h"

#define CONFIG_MAX ((size_t)16 << 20)
#define KEY_MAX 32u /* a key that is longer is none of ours, and may be a secret in the wrong place: it is not told */
#define ENVIRONMENT_MAX 1000u
#define INCLUDES_MAX 10 /* one within the other, as in git */

/* Whose file it is decides what it may say. */
enum owner { OWNER_USER, OWNER_REPOSITORY };

struct reading {
	struct options *o;
	const char *file;   /* safe to print */
	const char *folder; /* that its paths are seen from */
	enum owner owner;
	bool settings;      /* keyhunt.* counts */
	bool git;           /* a file of git's: secrets.allowed counts */
	bool strict;        /* and other sections are mistakes */
	bool lenient;       /* damage in it is somebody else's to tell: opening the repository does */
	unsigned depth;     /* of includes; a file that may not include has the deepest */
	char **err;
};

static bool fail(struct reading *r, unsigned line, const char *key, const char *what)
{
	struct buf b = { 0 };
	buf_addf(&b, "%s:%u: ", r->file, line);
	if (key && strlen(key) <= KEY_MAX)
		buf_addf(&b, "keyhunt.%s: ", key);
	buf_addstr(&b, what);
	*r->err = b.ptr;
	return false;
}

static const char *own(struct options *o, char *s)
{
	o->owned = xrealloc(o->owned, o->nowned + 1, sizeof *o->owned);
	return o->owned[o->nowned++] = s;
}

/* Keys are option names in git's way: minConfidence, in any case, for --min-confidence. */
static bool names(const char *key, const char *name)
{
	for (; *name; name++)
		if (*name != '-' && *key++ != *name)
			return false;
	return !*key;
}

static char *home_path(const char *below)
{
	const char *home = env_value("HOME");
	return home ? path_join(home, below) : NULL;
}

/* A path in a file: "~/" is home, what is relative begins at the file. One that the repository gives stays inside it. */
static char *resolve(const struct reading *r, const char *value)
{
	char *path = !strncmp(value, "~/", 2) && r->owner == OWNER_USER ? home_path(value + 2) : path_join(r->folder, value);
	if (r->owner == OWNER_USER || !path)
		return path;
	KH_CLEANUP(free_ptr) char *real = path_real(path);
	KH_CLEANUP(free_ptr) char *top = path_real(r->folder);
	if (*value != '/' && real && top && path_within(real, top))
		return path;
	free(path);
	return NULL;
}

static bool apply_value(struct reading *r, const struct option_spec *spec, const struct setting *s, bool keep)
{
	struct options scratch = *r->o, *o = keep ? r->o : &scratch; /* what is not kept is checked all the same */
	char *value = spec->marks & OPTION_PATH ? resolve(r, s->value) : xstrdup(s->value);
	if (!value)
		return fail(r, s->line, s->key, "a path that is not there or outside of the repository; give one below its top");
	value = (char *)(uintptr_t)own(r->o, value);
	if (spec->marks & OPTION_PATH && keep && *s->value && access(value, F_OK)) /* said here, without the value: that may be a secret */
		return fail(r, s->line, s->key, "no such file or folder");
	scratch.owned = r->o->owned;
	scratch.nowned = r->o->nowned;
	if (!spec->arg) {
		int yes = options_flag(value);
		if (yes < 0)
			return fail(r, s->line, s->key, "neither true nor false");
		*(bool *)(void *)((char *)o + spec->field) = yes;
		return true;
	}
	KH_CLEANUP(buf_release) struct buf origin = { 0 };
	buf_addf(&origin, "%s:%u: keyhunt.%s", r->file, s->line, s->key);
	return options_apply(o, spec, origin.ptr, value, r->err) == KH_OK;
}

static bool on_keyhunt(struct reading *r, const struct setting *s)
{
	size_t n, i;
	const struct option_spec *table = options_table(&n);
	for (i = 0; i < n && !names(s->key, table[i].name); i++)
		;
	const struct option_spec *spec = &table[i];
	if (i == n || (spec->marks & (OPTION_HIDDEN | OPTION_ASKS | OPTION_LATER)))
		return fail(r, s->line, s->key, "no such setting in this version; docs/configuration.md lists them");
	if (spec->marks & OPTION_PERSON)
		return fail(r, s->line, s->key, "only the command line or the environment may say so");
	if (r->owner == OWNER_REPOSITORY && !(spec->marks & OPTION_REPOSITORY))
		return fail(r, s->line, s->key, "a repository may not say so; minConfidence, entropy, includeExamples, advice, patterns and baseline it may");
	bool contrary = (r->o->quiet && spec->letter == 'v') || (r->o->verbose && spec->letter == 'q');
	return apply_value(r, spec, s, !(r->o->given >> i & 1) && !contrary && options_takes(r->o, spec));
}

static void on_expression(struct reading *r, const struct setting *s)
{
	struct options *o = r->o;
	o->expressions = xrealloc(o->expressions, o->nexpressions + 1, sizeof *o->expressions);
	o->expressions[o->nexpressions++] = (struct allowed_expression){ xstrdup(r->file), xstrdup(s->value), s->line };
}

static bool read_file(struct reading *r, const char *path, const char *folder, bool must);

static bool on_include(struct reading *r, const struct setting *s)
{
	struct reading inner = *r;
	if (r->depth >= INCLUDES_MAX)
		return true; /* git says so when it meets it */
	inner.depth++;
	KH_CLEANUP(free_ptr) char *path = resolve(r, s->value);
	return !path || read_file(&inner, path, NULL, false);
}

static bool on_setting(void *payload, const struct setting *s)
{
	struct reading *r = payload;
	if (!strcmp(s->section, "keyhunt") && !s->subsection)
		return !r->settings || on_keyhunt(r, s);
	if (r->git && !strcmp(s->section, "secrets") && !s->subsection && !strcmp(s->key, "allowed"))
		on_expression(r, s);
	if (r->git && !strcmp(s->section, "include") && !s->subsection && !strcmp(s->key, "path"))
		return on_include(r, s);
	if (r->strict && strcmp(s->section, "allow") != 0)
		return fail(r, s->line, NULL, "a section that keyhunt does not know; [keyhunt] and [allow] are what it reads");
	return true;
}

static bool read_text(struct reading *r, struct bytes text)
{
	unsigned line = 0;
	const char *why = NULL;
	enum status st = gitconfig_parse(text, on_setting, r, &line, &why);
	return st == KH_OK || (st == KH_CORRUPT && (r->lenient || fail(r, line, NULL, why)));
}

/* `folder`: that its paths are seen from; NULL: its own. */
static bool read_file(struct reading *r, const char *path, const char *folder, bool must)
{
	KH_CLEANUP(buf_release) struct buf text = { 0 }, name = { 0 };
	KH_CLEANUP(free_ptr) char *parent = strchr(path, '/') ? path_parent(path) : xstrdup(".");
	enum status st = file_read(&text, path, CONFIG_MAX);
	int why = errno;
	struct reading here = *r;
	if ((st == KH_MISSING && !must) || (st != KH_OK && r->lenient))
		return true;
	buf_add_safe(&name, path, strlen(path));
	here.file = name.ptr;
	here.folder = folder ? folder : parent;
	if (st == KH_OK)
		return read_text(&here, buf_bytes(&text));
	struct buf b = { 0 };
	buf_addf(&b, "%s: %s; make it a readable file", name.ptr, st == KH_IO ? strerror(why) : status_words(st));
	*r->err = b.ptr;
	return false;
}

/* "Section.key" and its value, from the environment. */
static bool read_pair(struct reading *r, const char *key, const char *value, unsigned number)
{
	const char *dot = strrchr(key, '.');
	if (!dot || dot == key)
		return true;
	KH_CLEANUP(free_ptr) char *section = xmemdupz(key, (size_t)(dot - key));
	KH_CLEANUP(free_ptr) char *last = xstrdup(dot + 1);
	for (char *p = section; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p | 32 : *p);
	for (char *p = last; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p | 32 : *p);
	struct setting s = { section, NULL, last, value, number, number };
	return on_setting(r, &s);
}

/* GIT_CONFIG_COUNT, GIT_CONFIG_KEY_0, GIT_CONFIG_VALUE_0... */
static bool read_environment(struct reading *r)
{
	const char *count = env_value("GIT_CONFIG_COUNT");
	unsigned long n = count ? strtoul(count, NULL, 10) : 0;
	bool ok = true;
	r->file = "GIT_CONFIG_COUNT";
	r->folder = ".";
	for (unsigned i = 0; ok && i < n && i < ENVIRONMENT_MAX; i++) {
		char name[2][40];
		snprintf(name[0], sizeof name[0], "GIT_CONFIG_KEY_%u", i);
		snprintf(name[1], sizeof name[1], "GIT_CONFIG_VALUE_%u", i);
		const char *key = getenv(name[0]), *value = getenv(name[1]);
		ok = !key || !value || read_pair(r, key, value, i);
	}
	return ok;
}

/* One word in shell quotes, as git writes them: 'it'\''s'. Returns what follows it, NULL when it is none. */
static const char *unquote(struct buf *out, const char *p)
{
	buf_clear(out);
	while (*p == '\'') {
		const char *end = strchr(p + 1, '\'');
		if (!end)
			return NULL;
		buf_add(out, p + 1, (size_t)(end - p - 1));
		if (end[1] != '\\' || (end[2] != '\'' && end[2] != '!'))
			return end + 1;
		buf_addch(out, end[2]);
		p = end + 3;
	}
	return NULL;
}

/* git -c: 'key'='value', or 'key=value' from git before 2.31. */
static bool read_parameters(struct reading *r)
{
	const char *p = env_value("GIT_CONFIG_PARAMETERS");
	KH_CLEANUP(buf_release) struct buf key = { 0 }, value = { 0 };
	bool ok = true;
	r->file = "git -c";
	r->folder = ".";
	for (unsigned n = 1; ok && p && *p && n < ENVIRONMENT_MAX; n++) {
		p = unquote(&key, p + strspn(p, " "));
		if (!p || !key.len)
			break;
		char *equals = *p == '=' ? NULL : strchr(key.ptr, '=');
		buf_clear(&value);
		if (equals) {
			buf_addstr(&value, equals + 1);
			*equals = '\0';
		} else if (*p == '=' && p[1] == '\'') {
			p = unquote(&value, p + 1);
		} else {
			buf_addstr(&value, "true"); /* git -c key */
			p += *p == '=';
		}
		ok = read_pair(r, key.ptr, buf_str(&value), n);
	}
	return ok;
}

/* The repository's own file leads nowhere else: it may be an attacker's. */
static bool read_local(struct reading *r, const char *path, const char *top)
{
	struct discovered d = { 0 };
	KH_CLEANUP(buf_release) struct buf ignored = { 0 };
	bool ok = true;
	if (discover(&d, path, false, &ignored) == KH_OK) {
		KH_CLEANUP(free_ptr) char *file = path_join(d.common_dir, "config");
		struct reading local = *r;
		local.depth = INCLUDES_MAX;
		local.lenient = true;
		ok = read_file(&local, file, top, false);
	}
	discovered_release(&d);
	return ok;
}

static bool read_git(struct reading *r, const char *path, const char *top)
{
	const char *system = env_value("GIT_CONFIG_SYSTEM"), *global = env_value("GIT_CONFIG_GLOBAL"), *xdg = env_value("XDG_CONFIG_HOME");
	const char *none = env_value("GIT_CONFIG_NOSYSTEM");
	KH_CLEANUP(free_ptr) char *xdg_file = xdg ? path_join(xdg, "git/config") : home_path(".config/git/config");
	KH_CLEANUP(free_ptr) char *home_file = home_path(".gitconfig");
	if (!(none && options_flag(none) == 1) && !read_file(r, system ? system : "/etc/gitconfig", NULL, false))
		return false;
	if (global ? !read_file(r, global, NULL, false) : ((xdg_file && !read_file(r, xdg_file, NULL, false)) || (home_file && !read_file(r, home_file, NULL, false))))
		return false;
	return read_local(r, path, top) && read_environment(r) && read_parameters(r);
}

static bool read_own(struct reading *r, const char *top)
{
	KH_CLEANUP(buf_release) struct buf text = { 0 };
	const char *why = NULL;
	enum status st = source_file(&text, top, OWN_FILE, &why);
	r->file = OWN_FILE;
	r->folder = top;
	return st == KH_OK ? read_text(r, buf_bytes(&text)) : st == KH_MISSING || fail(r, 1, NULL, why);
}

enum status configure(struct options *o, char **err)
{
	bool scans = options_takes(o, &(struct option_spec){ .commands = 1u << COMMAND_FILES | 1u << COMMAND_HISTORY });
	const char *path = scans && o->npaths && strcmp(o->paths[0], "-") != 0 ? o->paths[0] : ".";
	char *top = repo_find_work_tree(path);
	top = top ? top : xstrdup(path);
	struct reading mine = { .o = o, .owner = OWNER_REPOSITORY, .settings = true, .strict = true, .depth = INCLUDES_MAX, .err = err };
	struct reading git = { .o = o, .settings = !o->config, .git = true, .err = err };
	struct reading file = { .o = o, .settings = true, .strict = true, .depth = INCLUDES_MAX, .err = err };
	bool ok = o->config || read_own(&mine, top);
	ok = ok && read_git(&git, path, top);
	ok = ok && (!o->config || read_file(&file, o->config, NULL, true));
	free(top);
	return ok ? KH_OK : KH_USAGE;
}
