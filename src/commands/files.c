/* files.c: keyhunt [PATH...]: files, folders and standard input.
 *
 * Paths are listed first (ignored ones left out), then read by a team. In a work tree what counts as ignored is asked
 * of libgit2. Symbolic links are not followed; the text of their target is scanned. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/hunt.h"
#include "commands/ignored.h"
#include "commands/judge.h"
#include "commands/output.h"
#include "commands/session.h"
#include "findings/fill.h"
#include "findings/join.h"
#include "findings/named.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/message.h"
#include "util/progress.h"
#include "util/team.h"

#define PART ((size_t)512 << 20) /* files larger than this are matched in parts */

struct file_list {
	char **paths;
	size_t len, cap;
};

struct files {
	const struct options *options;
	const struct detector *detector;
	struct session *session;
	struct judge *judge;
	struct file_list list;
	size_t named; /* the first so many of the list were named by the user */
	const atomic_int *stop;
	atomic_size_t next, scanned;
	atomic_ullong bytes;
	struct progress bar;
};

static void skip_file(struct files *f, unsigned worker, const char *path, const char *reason)
{
	struct buf name = { 0 };
	session_name(f->session, worker, &name, path);
	skips_add(session_skips(f->session, worker), NULL, buf_str(&name), reason);
	message_error("%s: %s", buf_str(&name), reason);
	buf_release(&name);
}

static void list_add(struct file_list *l, const char *path)
{
	ALLOC_GROW(l->paths, l->len + 1, l->cap);
	l->paths[l->len++] = xstrdup(path);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* What a folder holds goes to the list, folders in it to `todo`. */
static void list_folder(struct files *f, const char *dir, struct ignored *ig, struct file_list *todo)
{
	DIR *d = opendir(*dir ? dir : ".");
	if (!d) {
		skip_file(f, 0, *dir ? dir : ".", strerror(errno));
		return;
	}
	struct buf path = { 0 };
	errno = 0;
	for (struct dirent *e; (e = readdir(d)); errno = 0) {
		struct stat st;
		if (is_dots(e->d_name) || !strcmp(e->d_name, ".git"))
			continue;
		buf_clear(&path);
		buf_addf(&path, "%s%s%s", dir, *dir && dir[strlen(dir) - 1] != '/' ? "/" : "", e->d_name);
		if (lstat(path.ptr, &st)) {
			if (errno != ENOENT)
				skip_file(f, 0, path.ptr, strerror(errno));
			continue;
		}
		if (ignored_path(ig, path.ptr, S_ISDIR(st.st_mode)))
			continue;
		if (S_ISDIR(st.st_mode))
			list_add(todo, path.ptr);
		else if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
			list_add(&f->list, path.ptr);
	}
	if (errno)
		skip_file(f, 0, dir, strerror(errno));
	buf_release(&path);
	closedir(d);
}

/* What was named outright and is no folder: scanned, ignored or not, a pipe too. */
static void list_named(struct files *f, const char *path)
{
	struct stat st;
	if (!strcmp(path, "-") || (!stat(path, &st) && !S_ISDIR(st.st_mode)))
		list_add(&f->list, path);
	else if (stat(path, &st))
		skip_file(f, 0, path, strerror(errno));
}

static void list_below(struct files *f, const char *path)
{
	struct stat st;
	struct file_list todo = { 0 };
	if (!strcmp(path, "-") || stat(path, &st) || !S_ISDIR(st.st_mode))
		return;
	struct ignored *ig = f->options->no_ignore ? NULL : ignored_open(path);
	list_add(&todo, strcmp(path, ".") ? path : "");
	while (todo.len) {
		char *dir = todo.paths[--todo.len];
		if (!*f->stop)
			list_folder(f, dir, ig, &todo);
		free(dir);
	}
	free(todo.paths);
	ignored_close(ig);
}

/* Bytes in parts that overlap, with the lines counted on. */
static void scan_span(struct files *f, unsigned worker, struct bytes all, enum source source, size_t number)
{
	struct object o = { .number = (uint32_t)number, .type = OBJ_BLOB };
	for (;;) {
		size_t left = all.len - (size_t)o.offset;
		o.more = left > PART;
		o.data = bytes_of(all.ptr + o.offset, o.more ? PART : left);
		session_part(f->session, worker, &o, source, NULL);
		if (!o.more)
			return;
		const uint8_t *at = o.data.ptr, *end = at + PART - WALK_OVERLAP, *nl;
		while ((nl = memchr(at, '\n', (size_t)(end - at)))) {
			o.lines_before++;
			o.line_start = (uint64_t)(nl + 1 - all.ptr);
			at = nl + 1;
		}
		o.offset += PART - WALK_OVERLAP;
	}
}

static bool read_all(int fd, struct buf *out, uint64_t limit, const atomic_int *stop)
{
	for (;;) {
		if (out->len > limit) {
			errno = EFBIG;
			return false;
		}
		buf_grow(out, 1u << 16);
		struct pollfd p = { .fd = fd, .events = POLLIN };
		while (!*stop && poll(&p, 1, 250) == 0)
			; /* a pipe that says nothing must not keep us from a signal */
		if (*stop)
			return true; /* what came so far; the summary says that it was interrupted */
		ssize_t n = read(fd, out->ptr + out->len, 1u << 16);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		out->len += (size_t)n;
	}
}

/* False: not all of it was scanned, which is said. */
static bool scan_open(struct files *f, unsigned worker, int fd, size_t number, enum source source)
{
	struct stat st;
	struct buf b = { 0 };
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && (uint64_t)st.st_size > f->options->memory / 4 / f->options->threads) {
		void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p != MAP_FAILED) {
			scan_span(f, worker, bytes_of(p, (size_t)st.st_size), source, number);
			munmap(p, (size_t)st.st_size);
			atomic_fetch_add(&f->bytes, (unsigned long long)st.st_size);
			return true;
		}
	}
	bool whole = read_all(fd, &b, f->options->memory, f->stop);
	if (!whole)
		skip_file(f, worker, f->list.paths[number],
			  errno == EFBIG ? "larger than the memory budget (--memory)" : strerror(errno));
	scan_span(f, worker, buf_bytes(&b), source, number);
	atomic_fetch_add(&f->bytes, (unsigned long long)b.len);
	buf_release(&b);
	return whole;
}

static void scan_text(struct files *f, unsigned worker, struct bytes text, enum source source, size_t number)
{
	struct object o = { .number = (uint32_t)number, .type = OBJ_BLOB, .data = text };
	session_part(f->session, worker, &o, source, NULL);
}

/* A link's target is a text like any other. What it leads to is read only when the user named the link itself. */
static int open_link(struct files *f, unsigned worker, size_t number)
{
	const char *path = f->list.paths[number];
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof target);
	if (n > 0)
		scan_text(f, worker, bytes_of(target, (size_t)n), SOURCE_SYMLINK, number);
	return number < f->named ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
}

static bool scan_file(struct files *f, unsigned worker, size_t number)
{
	const char *path = f->list.paths[number], *slash = strrchr(path, '/');
	if (!strcmp(path, "-"))
		return scan_open(f, worker, STDIN_FILENO, number, SOURCE_STDIN);
	scan_text(f, worker, bytes_str(slash ? slash + 1 : path), SOURCE_PATH, number);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ELOOP) {
		fd = open_link(f, worker, number);
		if (fd < 0 && number >= f->named)
			return true;
	}
	if (fd < 0) {
		skip_file(f, worker, path, strerror(errno));
		return false;
	}
	bool whole = scan_open(f, worker, fd, number, SOURCE_FILE);
	close(fd);
	return whole;
}

static void scan_files(void *payload, unsigned worker)
{
	struct files *f = payload;
	size_t i;
	while (!*f->stop && (i = atomic_fetch_add(&f->next, 1)) < f->list.len) {
		if (scan_file(f, worker, i))
			atomic_fetch_add(&f->scanned, 1);
		if (!worker)
			progress_update(&f->bar, i, f->list.len);
	}
}

static void to_findings(struct findings *out, const struct files *f, const struct ledger *l)
{
	for (size_t i = 0; i < l->nsightings; i++) {
		const struct sighting *s = &l->sightings[i];
		struct finding *new = findings_push(out);
		fill_credential(new, &l->credentials[s->credential]);
		new->inner_path = s->name ? xstrdup(s->name) : NULL;
		new->source = s->source;
		new->line = s->line;
		new->column = s->column;
		new->stem = s->stem;
		new->reachable = new->at_head = new->pushed = TRI_NULL;
		new->occurrences = 1;
		judge_path(f->judge, f->list.paths[s->object], &new->path);
		if (!named_fits(new, f->detector)) {
			finding_release(new);
			out->len--;
			continue;
		}
		finding_fingerprint(new); /* the same from wherever it is run */
		free(new->path);
		new->path = xstrdup(f->list.paths[s->object]);
	}
}

static void tell_marked(const struct files *f)
{
	struct findings marked = { 0 };
	if (f->options->verbose)
		to_findings(&marked, f, session_allowed(f->session));
	judge_marked(&marked);
	findings_release(&marked);
}

/* Named files first, so that their numbers tell them from what folders hold. */
static void list_all(struct files *f)
{
	static char here[] = ".";
	char *only[] = { here };
	char **paths = f->options->npaths ? f->options->paths : only;
	size_t n = f->options->npaths ? f->options->npaths : 1;
	for (size_t i = 0; i < n; i++)
		list_named(f, paths[i]);
	f->named = f->list.len;
	for (size_t i = 0; i < n && !*f->stop; i++)
		list_below(f, paths[i]);
	if (f->list.len > f->named)
		qsort(f->list.paths + f->named, f->list.len - f->named, sizeof *f->list.paths, by_text);
}

/* Each path once, however often the arguments lead to it; the first of its kind keeps its place. */
static void drop_repeated(struct file_list *l, size_t *named)
{
	size_t kept = 0, first = *named, n = 0;
	if (!l->len)
		return;
	char **sorted = xcalloc(l->len, sizeof *sorted);
	memcpy(sorted, l->paths, l->len * sizeof *sorted);
	qsort(sorted, l->len, sizeof *sorted, by_text);
	for (size_t i = 0; i < l->len; i++)
		if (!n || strcmp(sorted[n - 1], sorted[i]))
			sorted[n++] = sorted[i];
	bool *seen = xcalloc(n, sizeof *seen);
	for (size_t i = 0; i < l->len; i++) {
		char *path = l->paths[i], **at = bsearch(&path, sorted, n, sizeof *sorted, by_text);
		bool *mark = &seen[at - sorted];
		*named -= *mark && i < first;
		if (!*mark)
			l->paths[kept++] = *at;
		if (path != *at)
			free(path);
		*mark = true;
	}
	l->len = kept;
	free(seen);
	free(sorted);
}

static void sum_up(struct files *f, struct summary *sum, int64_t start)
{
	sum->elapsed_seconds = clock_since(start);
	sum->objects = sum->blobs = f->scanned;
	sum->bytes = f->bytes;
	sum->matched_bytes = scan_matched_bytes(session_scan(f->session));
	sum->interrupted = *f->stop;
	sum->complete = !sum->skips.total && !sum->interrupted;
}

int hunt_files(const struct options *o, const atomic_int *stop)
{
	struct files f = { .options = o, .stop = stop };
	struct findings found = { 0 };
	struct summary sum = { 0 };
	int64_t start = clock_now();
	struct detector *detector = session_detector(o);
	if (!detector)
		return 2;
	if (judge_new(&f.judge, o) != KH_OK || session_open(&f.session, o, detector, NULL) != KH_OK) {
		judge_free(f.judge);
		detector_free(detector);
		return 2;
	}
	f.detector = detector;
	list_all(&f);
	drop_repeated(&f.list, &f.named);
	session_names(f.session, f.list.paths);
	progress_start(&f.bar, "Scanning", !o->quiet && !o->no_progress);
	team_run(o->threads, scan_files, &f);
	progress_end(&f.bar);
	to_findings(&found, &f, session_finish(f.session, &sum.skips, &sum.allowed));
	join_findings(&found, session_allowed(f.session));
	tell_marked(&f);
	judge_files(f.judge, &found, &sum);
	sum_up(&f, &sum, start);
	bool written = judge_finish(f.judge, &sum);
	int code = output_report(o, &found, &sum, NULL);
	while (f.list.len)
		free(f.list.paths[--f.list.len]);
	free(f.list.paths);
	findings_release(&found);
	skips_release(&sum.skips);
	skips_release(&sum.unused);
	session_close(f.session);
	judge_free(f.judge);
	detector_free(detector);
	return written ? code : 2;
}
