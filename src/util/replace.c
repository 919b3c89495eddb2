#include "util/replace.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/alloc.h"
#include "util/buf.h"

static FILE *open_beside(struct replacement *r)
{
	struct buf name = { 0 };
	buf_addf(&name, "%s.XXXXXX", r->path);
	r->temporary = name.ptr;
	int fd = mkstemp(r->temporary);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f && fd >= 0) {
		close(fd);
		unlink(r->temporary);
	}
	return f;
}

static mode_t usual_mode(const struct stat *was)
{
	if (was)
		return was->st_mode & 0777;
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

bool replace_begin(struct replacement *r, const char *path, bool shared)
{
	struct stat st;
	bool there = !stat(path, &st);
	char *real = realpath(path, NULL);
	*r = (struct replacement){ .path = real ? real : xstrdup(path) };
	if (there && !S_ISREG(st.st_mode)) {
		r->out = fopen(path, "we");
	} else {
		r->out = open_beside(r);
		if (r->out && shared && fchmod(fileno(r->out), usual_mode(there ? &st : NULL))) {
			replace_end(r, false);
			return false;
		}
	}
	if (!r->out) {
		int why = errno;
		free(r->temporary);
		free(r->path);
		errno = why;
	}
	return r->out != NULL;
}

bool replace_end(struct replacement *r, bool ok)
{
	int why = ok ? 0 : errno;
	errno = 0;
	ok = !fflush(r->out) && !ferror(r->out) && ok;
	if (r->temporary)
		ok = !fsync(fileno(r->out)) && ok;
	why = why ? why : errno;
	ok = !fclose(r->out) && ok;
	if (r->temporary && ok)
		ok = !rename(r->temporary, r->path);
	why = why ? why : errno;
	if (r->temporary && !ok)
		unlink(r->temporary);
	free(r->temporary);
	free(r->path);
	errno = why;
	return ok;
}
