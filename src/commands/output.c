#include "commands/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "commands/help.h"
#include "findings/hide.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/message.h"
#include "util/replace.h"

static bool write_to(FILE *out, const struct options *o, const struct findings *f, const struct summary *s, const char *uri)
{
	struct report_options r = {
		.format = o->format, .color = !o->output && options_color(o), .show_secrets = o->show_secrets, .verbose = o->verbose,
		.history = o->command == COMMAND_HISTORY, .now = time(NULL), .version = KEYHUNT_VERSION, .repository_uri = uri,
	};
	enum status st = report_write(out, o->quiet ? NULL : stderr, &r, f->list, f->len, s);
	return st == KH_OK && !ferror(out) && !fflush(out);
}

int output_end(int code)
{
	if ((!ferror(stdout) && !fflush(stdout)) || errno == EPIPE)
		return code; /* a reader that has gone has seen enough */
	message_error("cannot write to standard output: %s", strerror(errno));
	return 2;
}

/* The whole report or none: a reader never sees half a file. */
static bool write_file(const struct options *o, const struct findings *f, const struct summary *s, const char *uri)
{
	struct replacement r;
	errno = 0;
	bool ok = replace_begin(&r, o->output, false) && replace_end(&r, write_to(r.out, o, f, s, uri));
	if (!ok) {
		int why = errno;
		struct buf name = { 0 };
		buf_add_safe(&name, o->output, strlen(o->output));
		message_error("cannot write '%s': %s", buf_str(&name), strerror(why));
		buf_release(&name);
	}
	return ok;
}

static uint64_t count_credentials(const struct findings *f)
{
	char (*id)[129] = xcalloc(f->len, sizeof *id);
	uint64_t n = 0;
	size_t len = 0;
	for (size_t i = 0; i < f->len; i++)
		if (!f->list[i].advice)
			snprintf(id[len++], sizeof id[i], "%s %s", f->list[i].key_id, f->list[i].secret_sha256);
	if (len)
		qsort(id, len, sizeof *id, (int (*)(const void *, const void *))strcmp);
	for (size_t i = 0; i < len; i++)
		n += !i || strcmp(id[i - 1], id[i]);
	free(id);
	return n;
}

static uint64_t count_advice(const struct findings *f)
{
	uint64_t n = 0;
	for (size_t i = 0; i < f->len; i++)
		n += f->list[i].advice != NULL;
	return n;
}

int output_report(const struct options *o, struct findings *f, struct summary *s, const char *uri)
{
	bool ok;
	if (f->len)
		qsort(f->list, f->len, sizeof *f->list, finding_cmp);
	if (!o->show_secrets)
		hide_secrets(f->list, f->len);
	s->findings = f->len;
	s->credentials = count_credentials(f);
	s->advice = count_advice(f);
	if (o->output) {
		ok = write_file(o, f, s, uri);
	} else {
		errno = 0;
		ok = write_to(stdout, o, f, s, uri);
		if (!ok && errno == EPIPE)
			ok = true; /* the reader has seen enough */
		else if (!ok)
			message_error("cannot write the report: %s", strerror(errno));
	}
	if (!ok || !s->complete)
		return 2;
	return f->len > s->advice ? 1 : 0;
}
