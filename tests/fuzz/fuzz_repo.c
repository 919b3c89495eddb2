/* The small files of a repository: config, HEAD, refs, reflogs, shallow, alternates, index. Input: parts, each a file's
 * number and length (2) and content, put where git looks for it; then the repository is opened. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "objects/repo.h"
#include "packmake.h"

static const char *const files[] = {
	"HEAD", "config", "packed-refs", "refs/heads/main", "refs/tags/t", "shallow", "objects/info/alternates", "index", "logs/HEAD",
	"logs/refs/heads/main", "ORIG_HEAD", "FETCH_HEAD", "worktrees/w/HEAD", "worktrees/w/gitdir", "worktrees/w/commondir", "config.worktree",
};
static const char *const folders[] = {
	"refs", "refs/heads", "refs/tags", "objects/info", "logs", "logs/refs", "logs/refs/heads", "worktrees", "worktrees/w",
};

static void save(const char *dir, const char *name, struct bytes data)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "wb");
	if (!f || (data.len && fwrite(data.ptr, 1, data.len, f) != data.len) || fclose(f))
		differ("a file cannot be written");
}

static void clean(const char *dir)
{
	char path[128];
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, files[i]);
		remove(path);
	}
	save(dir, "HEAD", bytes_str("ref: refs/heads/main\n"));
}

static void make(const char *dir)
{
	char path[128];
	snprintf(path, sizeof path, "%s/objects", dir);
	mkdir(path, 0700);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, folders[i]);
		if (mkdir(path, 0700))
			differ("no folder");
	}
}

static struct packmake m; /* its folder is the repository of all inputs: making it anew each time is slow */

static void remove_folder(void)
{
	static const char *const more[] = { "HEAD", "objects/info", "objects" };
	char path[128];
	clean(m.dir);
	for (size_t i = sizeof folders / sizeof *folders; i--;) {
		snprintf(path, sizeof path, "%s/%s", m.dir, folders[i]);
		remove(path);
	}
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", m.dir, more[i]);
		remove(path);
	}
	packmake_release(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader r = { data, data + size };
	struct repo *repo = NULL;
	char *err = NULL;
	if (!m.dir[0]) {
		packmake_init(&m);
		make(m.dir);
		atexit(remove_folder);
	}
	clean(m.dir);
	while (r.p < r.end) {
		const char *name = files[take8(&r) % (sizeof files / sizeof *files)];
		size_t len = take16(&r);
		save(m.dir, name, take(&r, len));
	}
	if (repo_open(&repo, m.dir, false, &err) == KH_OK) {
		char **configs;
		size_t n = repo_config_files(repo, &configs);
		while (n)
			free(configs[--n]);
		free(configs);
		repo_free(repo);
	} else if (!err || !*err) {
		differ("refused without words");
	}
	free(err);
	return 0;
}
