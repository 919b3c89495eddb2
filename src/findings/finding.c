/* finding.c: the record's names, order, fingerprint and end.
 *
 * fingerprint = SHA-256( tag \0 key ID \0 secret's hash \0 where \0 path \0 inner path \0 )
 *
 * Advice, which has neither ID nor secret of its own, has the pattern's ID in place of the latter's hash.
 *
 * No line, commit, object name, kind or confidence goes in: a file may be edited, a history rewritten and a pattern
 * renamed, and a baseline still knows the finding. "where" joins the sources that are views of one thing, so that a
 * file's finding is the same in the work tree, the index and the history. */
#include "findings/finding.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

const char *source_name(enum source s)
{
	switch (s) {
	case SOURCE_BLOB: return "blob";
	case SOURCE_FILE: return "file";
	case SOURCE_INDEX: return "index";
	case SOURCE_STDIN: return "stdin";
	case SOURCE_COMMIT_MESSAGE: return "commit-message";
	case SOURCE_TAG_MESSAGE: return "tag-message";
	case SOURCE_NOTE: return "note";
	case SOURCE_PATH: return "path";
	case SOURCE_SYMLINK: return "symlink";
	case SOURCE_ARCHIVE: return "archive";
	case SOURCE_IDENTITY: return "identity";
	case SOURCE_REF: return "ref";
	case SOURCE_CONFIG: return "config";
	}
	return "unknown";
}

static const char *source_group(enum source s)
{
	switch (s) {
	case SOURCE_BLOB: case SOURCE_FILE: case SOURCE_INDEX: case SOURCE_STDIN: case SOURCE_SYMLINK: case SOURCE_ARCHIVE:
		return "content";
	case SOURCE_COMMIT_MESSAGE: case SOURCE_TAG_MESSAGE: case SOURCE_NOTE:
		return "message";
	case SOURCE_PATH: case SOURCE_REF: case SOURCE_IDENTITY: case SOURCE_CONFIG:
		break;
	}
	return source_name(s);
}

static void digest_hex(char *out, struct sha256_ctx *ctx)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	sha256_digest(ctx, sizeof digest, digest);
	for (size_t i = 0; i < sizeof digest; i++) {
		out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	out[2 * sizeof digest] = '\0';
}

void sha256_hex(char *out, const void *ptr, size_t len)
{
	struct sha256_ctx ctx;
	sha256_init(&ctx);
	sha256_update(&ctx, len, ptr);
	digest_hex(out, &ctx);
	explicit_bzero(&ctx, sizeof ctx); /* its block buffer may hold the end of a secret */
}

/* The NUL belongs to the string: it is what separates the parts. */
static void add_part(struct sha256_ctx *ctx, const char *s)
{
	s = s ? s : "";
	sha256_update(ctx, strlen(s) + 1, (const uint8_t *)s);
}

void finding_fingerprint(struct finding *f)
{
	char token_hash[65] = "";
	if (!f->key_id[0] && !f->secret_sha256[0] && f->token)
		sha256_hex(token_hash, f->token, strlen(f->token));
	struct sha256_ctx ctx;
	sha256_init(&ctx);
	add_part(&ctx, "keyhunt finding 1");
	add_part(&ctx, f->id_from == ID_OWN ? f->key_id : "");
	add_part(&ctx, f->advice ? f->pattern : f->secret_sha256[0] ? f->secret_sha256 : token_hash);
	add_part(&ctx, source_group(f->source));
	add_part(&ctx, f->path);
	add_part(&ctx, f->inner_path);
	digest_hex(f->fingerprint, &ctx);
}

static int cmp_str(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int cmp_num(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int finding_cmp(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	const int order[] = {
		cmp_str(x->path, y->path),
		cmp_num(x->line, y->line),
		cmp_num(x->column, y->column),
		cmp_str(x->inner_path, y->inner_path),
		cmp_str(x->repository, y->repository),
		cmp_num(x->source, y->source),
		cmp_str(x->kind, y->kind),
		strcmp(x->key_id, y->key_id),
		strcmp(x->secret_sha256, y->secret_sha256),
		cmp_str(x->token, y->token),
		strcmp(x->commit, y->commit),
		strcmp(x->blob, y->blob),
		cmp_str(x->pattern, y->pattern),
	};
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (order[i])
			return order[i];
	return 0;
}

static void wipe_free(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	free(s);
}

void finding_release(struct finding *f)
{
	wipe_free(f->secret);
	wipe_free(f->token);
	free(f->path);
	free(f->inner_path);
	free(f->other.path);
	free(f->other.inner_path);
	free(f->repository);
	free(f->author_name);
	free(f->author_email);
	for (size_t i = 0; i < f->nrefs; i++)
		free(f->refs[i]);
	free(f->refs);
	memset(f, 0, sizeof *f);
}
